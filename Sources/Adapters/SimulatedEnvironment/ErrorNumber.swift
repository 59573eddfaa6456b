/// The errno values that the simulated disk reports, as on Linux.
package enum ErrorNumber {
    /// EIO: the device failed.
    package static let io: Int32 = 5
    /// EBADF: the handle is closed, or its process is gone.
    package static let badFile: Int32 = 9
    /// ENOTDIR: a file stands where a folder is needed.
    package static let notDirectory: Int32 = 20
    /// EISDIR: a folder stands where a file is needed.
    package static let isDirectory: Int32 = 21
    /// EINVAL: the arguments make no sense.
    package static let invalid: Int32 = 22
    /// EFBIG: a file would become larger than a file can be.
    package static let tooLarge: Int32 = 27
    /// ENOTEMPTY: a folder is in the way.
    package static let notEmpty: Int32 = 39
}
