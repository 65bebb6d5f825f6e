# The few commands of mien; the build itself is CMake's. One Release tree, build/, serves them all.

BUILD := build
PREFIX := /usr/local
JOBS := $(shell nproc 2> /dev/null || echo 2)
CMAKE_ARGS :=

DEMO := $(BUILD)/examples/fer_train --model small --epochs 10 --batch-size 16 --lr 4e-4 --patience 10 --plateau-patience 5 --restore-best 1 --augment none --out fer_run

.PHONY: help demo test test-cuda-deep bench install clean packages configure

help:
	@echo "make demo      train a network on small drawn faces, in a few minutes; pictures in fer_run/"
	@echo "make test      build everything and run all tests"
	@echo "make test-cuda-deep  sanitizers and mutations of the CUDA kernels; takes long"
	@echo "make bench     build and run the benchmarks"
	@echo "make install   install the library below PREFIX ($(PREFIX))"
	@echo "make clean     remove $(BUILD)/"
	@echo "The first three install missing Debian packages: scripts/debian_packages.txt."
	@echo "Options of the build: CMAKE_ARGS='-D...'; at once $(JOBS) compilers: JOBS=N."

demo: configure
	cmake --build $(BUILD) -j $(JOBS) --target fer_train
	@echo '$(DEMO)'
	@$(DEMO)

# Tests use two threads each, so half as many run at once as there are cores; never fewer than two.
test: configure
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure -LE deep -j $$(( $(JOBS) > 4 ? $(JOBS) / 2 : 2 ))
	@grep '^mien: ' $(BUILD)/Testing/Temporary/LastTest.log  # what the tests measured

# In a copy of the sources, $(BUILD)-deep/; what is built there is built again only where needed.
test-cuda-deep: configure
	ctest --test-dir $(BUILD) --output-on-failure -L deep -V

bench: configure
	cmake --build $(BUILD) -j $(JOBS) --target benchmarks
	@for program in $(BUILD)/bench/*_bench; do echo "$$program"; "$$program" || exit 1; done

install: configure
	cmake --build $(BUILD) -j $(JOBS) --target mien
	cmake --install $(BUILD) --prefix '$(PREFIX)'

clean:
	cmake -E rm -rf $(BUILD)

configure: packages
	cmake -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release $(CMAKE_ARGS)

packages:
	@scripts/install_packages.sh
