#!/usr/bin/env bash
# A run that is interrupted goes on and ends as if it had not been.
. "$(dirname "$0")/common.sh"

run=("${quick[@]}" --limit 32 --epochs 3)
train "${run[@]}" --out whole

for signal in INT TERM; do
  in_background "${run[@]}" --out $signal
  wait_for "Epoch 2/3"
  kill -$signal $process
  ends_with 130
  says "Interrupted; all is kept. Go on with: fer_train --out $signal --resume"
  [ ! -e $signal/Emotion_recognition.h5 ] || fail "$signal: the training went on to its end"
  train --resume --out $signal
  ! grep -qx 'Epoch 1/3' out.txt || fail "$signal: the run began again"
  same_results whole $signal
done

# In the first epoch, and again when that has gone on.
in_background "${run[@]}" --out early
for i in 1 2; do
  wait_for "Epoch 1/3"
  kill -INT $process
  ends_with 130
  in_background --resume --out early
done
ends_with 0
same_results whole early

# When all epochs are done and the pictures are being made.
in_background "${run[@]}" --out late
wait_for "Epoch 3: "
kill -INT $process
ends_with 130
train --resume --out late
same_results whole late

# More epochs than at first: as if they had been asked for from the beginning.
train "${run[@]}" --epochs 2 --out longer
train --resume --out longer --epochs 3 --threads 1
same_results whole longer

# A finished run only writes its results again.
cp -r whole again
rm -f again/*.png again/history.* again/Emotion_recognition.h5
train --resume --out again
same_results whole again
! grep -q '^Epoch' out.txt || fail "a finished run was trained on"

# The weights of the best epoch, too, are found again by a run that goes on.
train "${run[@]}" --restore-best 1 --out best
cp -r best best_again
train --resume --out best_again
same_results best best_again

# While faces are drawn there is nothing to keep, and nothing of them is taken for a whole set.
in_background --out unborn --model small
wait_for "drawing faces"
kill -INT $process
ends_with 130
says "Interrupted before training began."
[ ! -e unborn/faces ] || fail "the drawing was ended, and yet there are faces"

# A second interrupt ends at once, in the middle of a batch.
in_background --data "$faces" --model canonical --batch-size 84 --epochs 2 --out twice
wait_for "Epoch 1/2"
kill -INT $process
sleep 0.05
kill -INT $process
ends_with 130
! grep -q Interrupted out.txt || fail "the second interrupt did not end the program at once"
