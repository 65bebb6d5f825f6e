#pragma once

namespace fer {

/// From now on Ctrl-C and SIGTERM are noted instead of ending the program; a second one ends it at
/// once.
void watch_for_interrupt();

/// Whether one came.
bool interrupted();

}  // namespace fer
