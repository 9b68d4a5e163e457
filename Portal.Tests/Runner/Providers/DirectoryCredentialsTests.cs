using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

public sealed class DirectoryCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("credentials-").FullName;

    [Fact]
    public void Find_SecretSwappedByTheKubelet_ReadsTheNewValue()
    {
        var credentials = new DirectoryCredentials(_directory, []);
        Mount("..1", "old");
        Directory.CreateSymbolicLink(Path.Combine(_directory, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(_directory, "API_KEY"), "..data/API_KEY");
        Assert.Equal("old", credentials.Find("API_KEY"));

        Mount("..2", "new\n");
        Directory.Delete(Path.Combine(_directory, "..data")); // the link
        Directory.CreateSymbolicLink(Path.Combine(_directory, "..data"), "..2");
        Directory.Delete(Path.Combine(_directory, "..1"), recursive: true);

        Assert.Equal("new", credentials.Find("API_KEY"));
    }

    [Fact]
    public async Task Find_FilesReplacedAllTheTime_IsNeverHalfAValue()
    {
        var credentials = new DirectoryCredentials(_directory, []);
        var file = Path.Combine(_directory, "API_KEY");
        await File.WriteAllTextAsync(file, new string('0', 2000));
        var writer = Task.Run(() =>
        {
            for (var round = 1; round <= 200; round++)
            {
                File.WriteAllText(file + ".tmp", new string((char)('0' + (round % 10)), 2000));
                File.Move(file + ".tmp", file, overwrite: true);
            }
        });

        do
        {
            var value = credentials.Find("API_KEY")!;
            Assert.Equal(2000, value.Length);
            Assert.Single(value.Distinct());
        }
        while (!writer.IsCompleted);

        await writer;
    }

    [Fact]
    public void Find_FileThatCannotBeRead_NamesTheKeyAndNotItsContent()
    {
        using var locked = new FileStream(Path.Combine(_directory, "API_KEY"), FileMode.Create, FileAccess.Write, FileShare.None);
        locked.Write("secret-0815"u8);
        locked.Flush();

        var error = Assert.Throws<GenkitException>(() => new DirectoryCredentials(_directory, []).Find("API_KEY"));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains("API_KEY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-0815", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_HugeFile_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_directory, "API_KEY"), new byte[1024 * 1024 + 1]);

        Assert.Contains("too large", Assert.Throws<GenkitException>(() => new DirectoryCredentials(_directory, []).Find("API_KEY")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("MISSING")]
    [InlineData("PATH")]
    public void Find_NoSuchFileHere_IsNullWhateverTheEnvironmentSays(string key) => Assert.Null(new DirectoryCredentials(_directory, []).Find(key));

    [Fact]
    public void Find_KeyThatHoldsNoSecret_MayComeFromTheEnvironment() =>
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), new DirectoryCredentials(_directory, ["PATH"]).Find("PATH"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private void Mount(string version, string value)
    {
        Directory.CreateDirectory(Path.Combine(_directory, version));
        File.WriteAllText(Path.Combine(_directory, version, "API_KEY"), value);
    }
}
