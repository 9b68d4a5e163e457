using Portal.Embedded;

namespace Portal.Tests.Portal;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Open_Twice_RefusesTheSecondAndNamesTheKey()
    {
        var path = Path.Combine(_root, "data");
        using var first = DataDirectory.Open(path);

        var exception = Assert.Throws<StartupException>(() => DataDirectory.Open(path));

        Assert.StartsWith("Another portal is running on the data directory " + path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AfterDispose_Succeeds()
    {
        DataDirectory.Open(_root).Dispose();

        DataDirectory.Open(_root).Dispose();
    }

    [Fact]
    public void Open_BelowAFile_SaysThatItCannotBeWritten()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");

        var exception = Assert.Throws<StartupException>(() => DataDirectory.Open(Path.Combine(file, "data")));

        Assert.Contains("(Portal:DataDirectory) cannot be written", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WritePrivate_ExistingFile_ReplacesItAndKeepsItPrivate()
    {
        var path = Path.Combine(_root, "kubeconfig");
        DataDirectory.WritePrivate(path, "one"u8);
        DataDirectory.WritePrivate(path, "two"u8);

        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path));
    }
}
