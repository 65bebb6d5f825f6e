#pragma once

#include <string>

namespace fer {

/// From now on Ctrl-C and SIGTERM end the program at once, with this text on standard output and
/// exit code 130.
void end_on_interrupt(const std::string& text);

/// From now on Ctrl-C and SIGTERM are noted instead of ending the program; a second one ends it at
/// once.
void note_interrupts();

/// Whether one was noted.
bool interrupted();

}  // namespace fer
