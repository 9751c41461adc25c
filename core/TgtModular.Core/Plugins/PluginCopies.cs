using System.Buffers;
using System.Security.Cryptography;
using TgtModular.Core.State;

namespace TgtModular.Core.Plugins;

/// <summary>
/// Private copies of plugins, one directory for each content, named by its hash. Loaded assemblies are memory-mapped: were they loaded from the drop-in
/// folder, a plain copy over one of them would end the process with SIGBUS.
/// </summary>
internal sealed class PluginCopies
{
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead;
    private const int ChunkLength = 1 << 16;

    private readonly string _directory;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Copies below a directory, which is made when it is not there.</summary>
    /// <exception cref="IOException">It cannot be made, or somebody else may write there.</exception>
    public PluginCopies(string directory)
    {
        _directory = Path.GetFullPath(directory);
        DurableFile.MakeDirectory(_directory);
        if (PosixFile.GetStatus(_directory) is not { Kind: PosixFileKind.Directory, IsWritableByOthers: false } status || status.Owner != PosixFile.EffectiveUser)
            throw new IOException($"{_directory} must be a directory of this user that nobody else may write: code is loaded from it");
    }

    /// <summary>Takes a folder up: every file is copied, and the copy of each must have its hash.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="contentHash">Hash of the manifest, which names all others.</param>
    /// <param name="failure">With a null result: why not.</param>
    /// <returns>The directory of the copy.</returns>
    public string? Take(PluginFolder folder, PluginManifest manifest, string contentHash, out PluginFailure? failure)
    {
        string copy = Path.Combine(_directory, contentHash);
        string fresh = Path.Combine(_directory, $".{contentHash}.{Path.GetRandomFileName()}");
        try
        {
            failure = CopyFiles(folder, manifest, fresh);
            if (failure is not null) return null;
            if (!IsWhole(copy, manifest)) Install(fresh, copy);
            _used.Add(contentHash);
            return copy;
        }
        finally
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
        }
    }

    /// <summary>Removes the copies that were not taken by this object. Only for a daemon that is alone in its state directory.</summary>
    public void RemoveUnused()
    {
        foreach (string path in Directory.GetDirectories(_directory))
        {
            if (!_used.Contains(Path.GetFileName(path))) Directory.Delete(path, recursive: true);
        }
    }

    private static PluginFailure? CopyFiles(PluginFolder folder, PluginManifest manifest, string target)
    {
        Directory.CreateDirectory(target, PrivateDirectory);
        long left = PluginFolder.MaximumLength;
        foreach (PluginFile file in manifest.Files)
        {
            if (folder.Locate(file.Path, Math.Min(left, PluginFolder.MaximumFileLength), out PluginFailure? failure) is not { } source) return failure;
            string path = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, PrivateDirectory);
            if (Copy(source, path, ref left) != file.Hash)
                return new PluginFailure($"file '{file.Path}' does not match its hash in the manifest", "copy the plugin's folder again, whole; or build it again");
        }

        return null;
    }

    /// <summary>Copies at most the bytes that are left and tells the hash of what was copied.</summary>
    private static string Copy(string source, string target, ref long left)
    {
        using var input = new FileStream(source, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = PrivateFile };
        using var output = new FileStream(target, options);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            int count;
            while ((count = input.Read(chunk, 0, (int)Math.Min(chunk.Length, left))) > 0)
            {
                hash.AppendData(chunk, 0, count);
                output.Write(chunk, 0, count);
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A copy made earlier is used again only as it was made: a power cut may have torn it.</summary>
    private static bool IsWhole(string copy, PluginManifest manifest) => Directory.Exists(copy) &&
        Directory.GetFiles(copy, "*", SearchOption.AllDirectories).Length == manifest.Files.Count &&
        manifest.Files.All(file => File.Exists(Path.Combine(copy, file.Path)) && HashOf(Path.Combine(copy, file.Path)) == file.Hash);

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    private static void Install(string fresh, string copy)
    {
        if (Directory.Exists(copy)) Directory.Delete(copy, recursive: true);
        Directory.Move(fresh, copy);
    }
}
