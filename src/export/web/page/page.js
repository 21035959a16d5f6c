// The page: shows the classes or objects that the worker finds in dropped pictures and in those of the camera.

const find = (id) => document.getElementById(id);

const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let nextId = 0;

const showProblem = (text) => {
  find("problem").textContent = text;
  find("problem").hidden = text === "";
};

const kilobytes = (bytes) => `${Math.round(bytes / 1000).toLocaleString("en")} KB`;

const threadsText = ({ threads, obstacle }) => {
  if (obstacle) return `one thread, since ${obstacle}`;
  return threads === 1 ? "one thread" : `${threads} threads`;
};

const showNet = ({ architecture, classes, input, bytes, kernels }, isDetector) => {
  if (isDetector) {
    document.body.classList.add("detector");
    document.title = "Find objects in pictures";
    find("title").textContent = document.title;
  }
  const about = `${architecture}, ${classes.length} classes, ${input.width}x${input.height} pixels, ${kilobytes(bytes)}; ${kernels.instructions}, ${threadsText(kernels)}`;
  find("about").textContent = about;
  find("files").disabled = false;
  find("camera").disabled = navigator.mediaDevices === undefined;
};

worker.addEventListener("message", ({ data }) => {
  if (data.info) return showNet(data.info, data.isDetector);
  const settle = waiting.get(data.id);
  waiting.delete(data.id);
  if (settle) return settle(data);
  find("about").textContent = "The net cannot be loaded.";
  showProblem(data.problem);
});

worker.addEventListener("error", () => {
  find("about").textContent = "The net cannot be loaded.";
  showProblem("This browser cannot run the net: it needs module workers and WebAssembly.");
});

/** What the net finds in a picture: its classes or objects and the time, or a problem. */
const classify = (bitmap) =>
  new Promise((settle) => {
    const id = nextId++;
    waiting.set(id, settle);
    worker.postMessage({ id, bitmap }, [bitmap]);
  });

const element = (name, className, text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const percent = (share) => `${(100 * share).toFixed(1)}%`;

const scoreOf = ({ class: name, probability }) => {
  const score = element("div", "score");
  const share = percent(probability);
  const bar = element("div", "bar");
  bar.style.setProperty("--share", share);
  score.append(element("span", "class", name), element("span", "share", share), bar);
  return score;
};

/** Hues of neighboring classes are far apart. */
const HUE_STEP = 137.5;

const setHue = (shown, label) => {
  shown.style.setProperty("--hue", String((label * HUE_STEP) % 360));
  return shown;
};

/** The frame of an object, over its picture. */
const frameOf = ({ class: name, label, score, ...box }) => {
  const frame = setHue(element("div", "frame"), label);
  for (const side of ["left", "top", "width", "height"])
    frame.style.setProperty(side, percent(box[side]));
  frame.append(element("span", "tag", `${name} ${Math.round(100 * score)}%`));
  return frame;
};

const itemOf = ({ class: name, label, score }) =>
  setHue(scoreOf({ class: name, probability: score }), label);

const showObjects = (over, objects) => {
  for (const frame of over.querySelectorAll(".frame")) frame.remove();
  over.append(...objects.map(frameOf));
};

const showResult = ({ over, into, name }, { top, objects, milliseconds, problem }) => {
  const head = problem ?? `${name}${milliseconds.toFixed(1)} ms`;
  const items = objects?.map(itemOf) ?? top?.map(scoreOf) ?? [];
  into.replaceChildren(element("p", "name", head), ...items);
  if (objects?.length === 0) into.append(element("p", "none", "Nothing found."));
  showObjects(over, objects ?? []);
};

const addPicture = async (file) => {
  const card = element("li", "card");
  const image = document.createElement("img");
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  const picture = element("div", "picture");
  const result = element("div", "result");
  picture.append(image);
  card.append(picture, result);
  find("results").prepend(card);
  const bitmap = await createImageBitmap(file).catch(() => null);
  const found = bitmap
    ? await classify(bitmap)
    : { problem: `${file.name} is not a picture that this browser can read.` };
  showResult({ over: picture, into: result, name: `${file.name}: ` }, found);
};

const addPictures = (files) => {
  showProblem("");
  for (const file of files) addPicture(file);
};

find("files").addEventListener("change", ({ target }) => {
  addPictures(target.files);
  target.value = "";
});

const isOver = (over) => find("drop").classList.toggle("over", over);

for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => {
    event.preventDefault();
    isOver(true);
  });
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (relatedTarget === null) isOver(false);
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  isOver(false);
  if (!find("files").disabled) addPictures(event.dataTransfer.files);
});

let stream = null;

const stopCamera = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  find("live").hidden = true;
  find("camera").textContent = "Use the camera";
};

/** What the camera shows now; null if it has no picture yet. */
const cameraPicture = async (video) => {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
  return createImageBitmap(video).catch(() => null);
};

/** Classifies one picture of the camera after the other. */
const watch = async () => {
  const video = find("video");
  const shown = { over: video.parentElement, into: find("live-result"), name: "" };
  while (stream) {
    const frame = await cameraPicture(video);
    if (frame && stream) {
      const found = await classify(frame);
      if (stream) showResult(shown, found);
    }
    await new Promise(requestAnimationFrame);
  }
};

const startCamera = async () => {
  showProblem("");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return showProblem(`The camera cannot be used: ${error.message}.`);
  }
  find("video").srcObject = stream;
  find("live").hidden = false;
  find("camera").textContent = "Stop the camera";
  await watch();
};

find("camera").addEventListener("click", () => (stream ? stopCamera() : startCamera()));

const keepOffline = async () => {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("offline.js");
  await navigator.serviceWorker.ready;
  find("offline").textContent = "The page works without a network from now on.";
};

keepOffline().catch(() => {});
