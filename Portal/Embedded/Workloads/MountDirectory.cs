using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Portal.Embedded.Workloads;

/// <summary>
/// The directory of a mounted volume, laid out and changed as a kubelet does it: the files are in a directory of their version, <c>..data</c> leads
/// to it, and every name leads to <c>..data/name</c>. Moving that one link changes all files at once.
/// </summary>
internal static class MountDirectory
{
    private const string Current = "..data";
    private const string Next = "..data_tmp";

    /// <summary>Makes the directory hold exactly these files, beside directories of other mounts. Equal contents are left alone.</summary>
    /// <param name="directory">The mount point, which exists.</param>
    /// <param name="files">Path below it, and content.</param>
    /// <returns>Whether anything changed.</returns>
    public static bool Write(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        if (OperatingSystem.IsWindows())
        {
            return WriteOneByOne(directory, files);
        }

        var link = Path.Combine(directory, Current);
        var before = new DirectoryInfo(link).LinkTarget is { } name ? Path.Combine(directory, name) : null;
        if (before is not null && Holds(before, files))
        {
            return false;
        }

        var version = Directory.CreateDirectory(Path.Combine(directory, $"..{Guid.NewGuid():N}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        WriteAll(version.FullName, files);
        var next = Path.Combine(directory, Next);
        File.Delete(next);
        File.CreateSymbolicLink(next, version.Name);
        if (NativeMethods.Rename(next, link) != 0)
        {
            throw new IOException($"{link} cannot be replaced", new Win32Exception(Marshal.GetLastPInvokeError()));
        }

        LinkNames(directory, [.. files.Keys.Select(TopOf).Distinct(StringComparer.Ordinal)]);
        if (before is not null)
        {
            Directory.Delete(before, recursive: true);
        }

        return true;
    }

    private static void LinkNames(string directory, IReadOnlyList<string> names)
    {
        foreach (var name in names.Where(name => !Path.Exists(Path.Combine(directory, name))))
        {
            File.CreateSymbolicLink(Path.Combine(directory, name), Path.Combine(Current, name));
        }

        foreach (var stale in new DirectoryInfo(directory).EnumerateFileSystemInfos()
            .Where(entry => entry.LinkTarget is not null && entry.Name is not Current && !names.Contains(entry.Name)))
        {
            File.Delete(stale.FullName);
        }
    }

    /// <summary>Links need rights there that a user seldom has.</summary>
    private static bool WriteOneByOne(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        if (Holds(directory, files))
        {
            return false;
        }

        WriteAll(directory, files);
        foreach (var stale in Directory.EnumerateFiles(directory).Where(path => !files.ContainsKey(Path.GetFileName(path))))
        {
            File.Delete(stale);
        }

        return true;
    }

    private static void WriteAll(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(directory, name);
            DataDirectory.CreatePrivate(Path.GetDirectoryName(path)!);
            DataDirectory.WritePrivate(path, content);
        }
    }

    private static bool Holds(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = !OperatingSystem.IsWindows(), AttributesToSkip = 0 };
        return Directory.EnumerateFiles(directory, "*", all).Count() == files.Count && files.All(file =>
        {
            var found = new FileInfo(Path.Combine(directory, file.Key));
            return found.Exists && found.Length == file.Value.Length && File.ReadAllBytes(found.FullName).AsSpan().SequenceEqual(file.Value);
        });
    }

    private static string TopOf(string path) => path.Split('/')[0];

    private static class NativeMethods
    {
        // What .NET offers for links to directories first removes the old one.
        [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Rename([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
    }
}
