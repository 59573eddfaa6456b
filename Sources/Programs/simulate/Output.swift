internal import Foundation

/// Prints a line at once, also into a file or pipe, so that nothing is lost when the run is ended.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
