// The smallest program outside mien's own tree.
#include <cstdio>

#include <mien/mien.h>

int main() {
  try {
    const mien::Shape shape{32, 48, 48, 1};
    std::printf("a batch of images: %s\n", shape.str().c_str());
  } catch (const mien::Error& error) {
    std::fprintf(stderr, "link_me: %s\n", error.what());
    return 2;
  }
}
