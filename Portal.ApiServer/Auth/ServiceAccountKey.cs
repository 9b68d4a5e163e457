using System.Buffers.Text;
using System.Security.Cryptography;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Auth;

/// <summary>The key that tokens of service accounts are signed with (P-256). With a directory it is kept there, mode 0600, and tokens outlive a restart.</summary>
internal sealed class ServiceAccountKey : IDisposable
{
    private const string FileName = "service-accounts.key";

    // An ECDsa object must not be used by two threads at once.
    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    private ServiceAccountKey(ECDsa key)
    {
        _key = key;
        Id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>The <c>kid</c> of tokens.</summary>
    public string Id { get; }

    public static ServiceAccountKey Load(string? directory)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (directory is null)
        {
            return new ServiceAccountKey(key);
        }

        PrivateFile.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        if (!TryImport(key, path))
        {
            PrivateFile.Write(path, key.ExportPkcs8PrivateKeyPem() + "\n");
        }

        return new ServiceAccountKey(key);
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>The public half as a JSON Web Key (RFC 7517).</summary>
    public JsonObject ToJwk()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["use"] = "sig",
            ["kty"] = "EC",
            ["kid"] = Id,
            ["crv"] = "P-256",
            ["alg"] = "ES256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    public void Dispose() => _key.Dispose();

    private static bool TryImport(ECDsa key, string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key.KeySize == 256;
        }
        catch (Exception problem) when (problem is ArgumentException or CryptographicException)
        {
            // Damaged: a new key makes old tokens invalid, which is what losing it means.
            key.GenerateKey(ECCurve.NamedCurves.nistP256);
            return false;
        }
    }
}
