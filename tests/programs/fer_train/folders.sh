#!/usr/bin/env bash
# The layouts of --data, files that are no images, and what else a run says.
. "$(dirname "$0")/common.sh"

train --help
grep -q -- '--plateau-factor' out.txt || fail "--help does not list the options"
train --version
grep -qx 'fer_train of mien [0-9]*\.[0-9]*\.[0-9]*' out.txt || fail "--version says: $(cat out.txt)"

# test/ in place of validation/, below images/; nothing of the progress with --verbose 0.
mkdir -p data/images
cp -r "$faces/train" data/images/train
cp -r "$faces/validation" data/images/test
train "${quick[@]}" --data data --epochs 1 --out run --verbose 0
says "Found 84 images belonging to 7 classes."
says "Found 28 images belonging to 7 classes."
! grep -q 'Epoch\|step\|params' out.txt || fail "--verbose 0 prints progress"
! grep -q 'earlier run' out.txt || fail "an earlier run is named where there is none"

# An earlier run is overwritten, and so are its histories.
train "${quick[@]}" --data data --out run --verbose 2
says "run holds an earlier run, which is overwritten; --resume would go on with it."
[ "$(wc -l < run/history.csv)" -eq 3 ] || fail "history.csv has not one line an epoch"

# What is no image is named, counted and left out; one of another format than its name's is read.
train=data/images/train
head -c 700 $train/happy/0000.png > $train/happy/cut.png
: > $train/happy/empty.png
echo "no image" > $train/sad/text.jpg
cp $train/sad/0000.png $train/sad/png.jpg
mkdir $train/sad/folder.png
bad=3
if [ "$(id -u)" -ne 0 ]; then # root reads everything
  cp $train/sad/0000.png $train/sad/unreadable.png
  chmod 000 $train/sad/unreadable.png
  bad=4
fi
train "${quick[@]}" --data data --epochs 1 --out run --verbose 0
says "Found 85 images belonging to 7 classes."
says "Skipped $bad of the files in data/images/train, which are no usable images."
[ "$(grep -c "^Skipped $train/" out.txt)" -eq $bad ] || fail "not $bad files are named"
for file in happy/cut.png happy/empty.png sad/text.jpg; do
  grep -q "^Skipped $train/$file: ." out.txt || fail "$file is not named"
done

# A class that this leaves without images is an error.
for image in $train/fear/*.png; do echo "no image" > "$image"; done
refused "$train/fear: none of its images can be read" "${quick[@]}" --data data --out run
