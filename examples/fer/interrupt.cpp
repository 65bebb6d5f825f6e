#include "interrupt.h"

#include <csignal>

namespace fer {
namespace {

volatile std::sig_atomic_t asked = 0;

void note(int signal) {
  asked = 1;
  std::signal(signal, SIG_DFL);  // the next one ends the program
}

}  // namespace

void watch_for_interrupt() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

bool interrupted() { return asked != 0; }

}  // namespace fer
