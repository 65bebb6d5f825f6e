#!/usr/bin/env bash
# Without --data faces are drawn and trained on; what a run prints and writes. Leaves a few of the
# faces for the other tests.
. "$(dirname "$0")/common.sh"

train --out run --model small --batch-size 16 --limit 48 --epochs 2 --augment none
[ "$(grep -cx 'Found [0-9]* images belonging to 7 classes\.' out.txt)" -eq 2 ] ||
  fail "not two lines of the images found"
says "Found $(find run/faces/train -name '*.png' | wc -l) images belonging to 7 classes."
says "Kept 48 training and 6 validation images (--limit 48)."
says "Epoch 1/2"
says "Epoch 2/2"
grep -q '^Device: cpu, ' out.txt || fail "the device is not named"
grep -q 'Total params: 1,176,359' out.txt || fail "there is no summary"
grep -q '^3/3 .*s/step - accuracy: .* - val_loss: ' out.txt || fail "there is no progress line"
[ "$(tr -d '\n' < out.txt | tr -d '[:print:]\200-\377' | wc -c)" -eq 0 ] ||
  fail "a file got a terminal's control characters"
for file in Emotion_recognition.h5 best.h5 checkpoint.mien history.csv history.json history.png \
  confusion_matrix.png samples.png; do
  [ -s run/$file ] || fail "there is no $file"
done
[ -z "$(find run -name '*.tmp')" ] || fail "temporary files are left"
for file in history.png confusion_matrix.png samples.png; do
  [ "$(head -c 4 run/$file | tail -c 3)" = PNG ] || fail "$file is no PNG"
done
says "Confusion matrix: run/confusion_matrix.png"
says "Samples: run/samples.png"
grep -qx 'Validation accuracy: [01]\.[0-9]*' out.txt || fail "the accuracy is not told"

number='-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?'
epoch() {
  echo "\{\"epoch\":$1,\"loss\":$number,\"accuracy\":$number,\"val_loss\":$number,\"val_accuracy\":$number,\"learning_rate\":$number,\"seconds\":$number\}"
}
tr -d '\n' < run/history.json | grep -qxE "\{\"epochs\":\[$(epoch 1),$(epoch 2)\]\}" || {
  cat run/history.json
  fail "history.json is not as promised"
}
[ "$(head -1 run/history.csv | tr -d '\r')" = epoch,accuracy,learning_rate,loss,val_accuracy,val_loss ] ||
  fail "the header of history.csv is: $(head -1 run/history.csv)"
[ "$(wc -l < run/history.csv)" -eq 3 ] || fail "history.csv has not one line an epoch"

rm -rf "$faces"
for class in angry disgust fear happy neutral sad surprise; do
  mkdir -p "$faces/train/$class" "$faces/validation/$class"
  images=("run/faces/train/$class/"*.png)
  cp "${images[@]:0:12}" "$faces/train/$class"
  images=("run/faces/validation/$class/"*.png)
  cp "${images[@]:0:4}" "$faces/validation/$class"
done
