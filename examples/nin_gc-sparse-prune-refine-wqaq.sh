#!/bin/sh
# Compresses NIN-GC in the steps of model-compression (https://github.com/666DZY666/model-compression):
# sparse training -> two fifths of the channels pruned -> refining -> 8-bit weights and activations.
# Files go to models_save/ in the current folder.
#
# QPRUNE             the command (default: npx qprune)
# QPRUNE_DATA        folder with the data set's files (default: ./data)
# QPRUNE_ARGS        more flags for every training command, such as "--epochs 20 --lr-drops 10,15"
# QPRUNE_NET_ARGS    more flags for the first training, such as "--width 0.25"; the others take their net
#                    from a file and refuse --width and --cfg
# QPRUNE_PRUNE_ARGS  more flags for the pruning, which also tests the net
#
# A quick pass through all steps, on CIFAR-10:
#   QPRUNE_NET_ARGS="--width 0.25" QPRUNE_ARGS="--max-steps 5 --test-limit 100" \
#     QPRUNE_PRUNE_ARGS="--test-limit 100" sh examples/nin_gc-sparse-prune-refine-wqaq.sh
set -eu

qprune=${QPRUNE:-npx qprune}
data=${QPRUNE_DATA:-./data}
args=${QPRUNE_ARGS:-}

# $qprune and the flags are unquoted, so that each word becomes an argument.
$qprune prune --arch nin_gc -sr --s 0.001 --data "$data" ${QPRUNE_NET_ARGS:-} $args
# Two fifths of the channels; groups and shuffles stay intact.
$qprune gc-prune --model models_save/prune/nin_gc_preprune.safetensors \
  --percent 0.4 --save models_save/prune/nin_gc_prune.safetensors \
  --data "$data" ${QPRUNE_PRUNE_ARGS:-}
$qprune prune --refine models_save/prune/nin_gc_prune.safetensors --data "$data" $args
$qprune wqaq --Wbits 8 --Abits 8 --refine models_save/prune/nin_gc_refine.safetensors \
  --data "$data" $args
