namespace TgtModular.Lio.Configfs;

/// <summary>
/// The configuration tree of LIO, one method for one system call. Paths count from its root (<c>/sys/kernel/config/target</c>) and have no slash in front.
/// Calls block, some for as long as commands take: removing a LUN waits for them, linking one lets the kernel's own initiator look at it.
/// </summary>
public interface IConfigfs
{
    /// <summary>The root, for messages.</summary>
    string Root { get; }

    /// <summary>True when there is a directory, attribute or link.</summary>
    bool Exists(string path);

    /// <summary>Names in a directory, directories and links only; none when there is no such directory.</summary>
    IReadOnlyList<string> List(string path);

    /// <summary>An attribute without white space at its ends.</summary>
    /// <exception cref="ConfigfsException">It cannot be read.</exception>
    string Read(string path);

    /// <summary>What a link points to, from the root.</summary>
    /// <exception cref="ConfigfsException">It is no link.</exception>
    string ReadLink(string path);

    /// <summary>mkdir: makes an object.</summary>
    /// <exception cref="ConfigfsException">The kernel refused.</exception>
    void MakeDirectory(string path);

    /// <summary>rmdir: removes an object.</summary>
    /// <exception cref="ConfigfsException">The kernel refused.</exception>
    void RemoveDirectory(string path);

    /// <summary>Writes an attribute in one call.</summary>
    /// <exception cref="ConfigfsException">The kernel refused.</exception>
    void Write(string path, string value);

    /// <summary>symlink: joins two objects.</summary>
    /// <param name="path">The link.</param>
    /// <param name="target">What it points to, from the root.</param>
    /// <exception cref="ConfigfsException">The kernel refused.</exception>
    void Link(string path, string target);

    /// <summary>unlink: takes a link away.</summary>
    /// <exception cref="ConfigfsException">The kernel refused.</exception>
    void Unlink(string path);

    /// <summary>Locks a directory against other processes for as long as the result is held, or this process lives.</summary>
    /// <returns>Null when another holds it.</returns>
    IDisposable? TryLock(string path);
}
