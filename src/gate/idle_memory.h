#pragma once

namespace stdiogate {

/// Gives back what a gate without a server does not need: free memory of the heap, and the pages of
/// the program and its libraries, which are read from their files again when they are needed.
void give_back_memory();

}  // namespace stdiogate
