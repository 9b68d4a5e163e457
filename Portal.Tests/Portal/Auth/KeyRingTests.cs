using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Auth.Options;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Tests.Portal.Auth;

public sealed class KeyRingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-keys-");
    private readonly DataDirectory _data;

    public KeyRingTests() => _data = DataDirectory.Open(Path.Combine(_directory.FullName, "data"));

    public void Dispose()
    {
        _data.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_AfterARestart_OpenWhatWasSealedAndAreForTheirOwnerAlone(bool withCertificate)
    {
        var options = withCertificate ? WithCertificate() : new AuthOptions();
        var text = Protector(options).Protect("secret");

        Assert.Equal("secret", Protector(options).Unprotect(text));
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(_data.Root, "keys")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }

        Assert.Equal(withCertificate, !File.ReadAllText(file).Contains("<masterKey", StringComparison.Ordinal));
        Assert.Equal(withCertificate, File.ReadAllText(file).Contains("CipherValue", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_CertificateThatIsNone_EndTheStartWithItsKey()
    {
        var file = Path.Combine(_directory.FullName, "tls.crt");
        File.WriteAllText(file, "none");

        var exception = Assert.Throws<StartupException>(() => Protector(new AuthOptions { KeyCertificateFile = file, KeyCertificateKeyFile = file }));

        Assert.Contains("Portal:Auth:KeyCertificateFile", exception.Message, StringComparison.Ordinal);
    }

    private IDataProtector Protector(AuthOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddKeyRing(options, new DatabaseOptions(), _data);
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
    }

    private AuthOptions WithCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new AuthOptions { KeyCertificateFile = Path.Combine(_directory.FullName, "tls.crt"), KeyCertificateKeyFile = Path.Combine(_directory.FullName, "tls.key") };
        File.WriteAllText(options.KeyCertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(options.KeyCertificateKeyFile, key.ExportPkcs8PrivateKeyPem());
        return options;
    }
}
