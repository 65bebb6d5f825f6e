#include "interrupt.h"

#include <unistd.h>

#include <csignal>
#include <cstddef>

namespace fer {
namespace {

constexpr int kInterrupted = 130;

volatile std::sig_atomic_t noted = 0;
char last_words[4096];
std::size_t last_words_size = 0;

// Only what is safe in a signal handler: no stdio, no destructors.
void end(int) {
  const ssize_t written = ::write(STDOUT_FILENO, last_words, last_words_size);
  (void)written;  // nothing can be done about it
  ::_exit(kInterrupted);
}

void note(int) {
  noted = 1;
  std::signal(SIGINT, SIG_DFL);  // the next one ends the program
  std::signal(SIGTERM, SIG_DFL);
}

void handle(void (*handler)(int)) {
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
}

}  // namespace

void end_on_interrupt(const std::string& text) {
  handle(SIG_IGN);  // while what the handler reads changes
  last_words_size = text.copy(last_words, sizeof last_words);
  handle(end);
}

void note_interrupts() { handle(note); }

bool interrupted() { return noted != 0; }

}  // namespace fer
