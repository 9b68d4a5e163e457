using System.Security.Cryptography;
using System.Text;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Features.Audit;

/// <summary>
/// What makes rows and heads of the audit log the portal's own: a private key in the data directory. It seals rows (HMAC) and signs heads (ECDSA over
/// P-256). Public keys stay in the directory <c>keys</c> beside it, so that heads can still be checked after the private key was replaced.
/// </summary>
public sealed class AuditKey : IDisposable
{
    private readonly ECDsa _private;
    private readonly byte[] _sealing;
    private readonly Dictionary<string, ECDsa> _trusted;

    private AuditKey(ECDsa @private, Dictionary<string, ECDsa> trusted)
    {
        _private = @private;
        _trusted = trusted;
        Id = IdOf(@private);
        _sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, @private.ExportParameters(true).D!, 32, info: "genkit-portal audit seal"u8.ToArray());
    }

    /// <summary>The first 16 hexadecimal digits of the SHA-256 of the public key.</summary>
    public string Id { get; }

    /// <summary>Reads the key of a directory, making both where they are missing.</summary>
    /// <exception cref="StartupException">A key cannot be read or written.</exception>
    public static AuditKey Open(string directory)
    {
        try
        {
            var keys = Path.Combine(directory, "keys");
            DataDirectory.CreatePrivate(directory);
            DataDirectory.CreatePrivate(keys);
            var @private = OpenPrivate(Path.Combine(directory, "signing.key"));
            var publicFile = Path.Combine(keys, $"{IdOf(@private)}.pem");
            if (!File.Exists(publicFile))
            {
                DataDirectory.WritePrivate(publicFile, Encoding.ASCII.GetBytes(@private.ExportSubjectPublicKeyInfoPem()));
            }

            var trusted = Directory.EnumerateFiles(keys, "*.pem").Select(Read).ToDictionary(IdOf, StringComparer.Ordinal);
            return new AuditKey(@private, trusted);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartupException(
                $"The keys of the audit log in {directory} cannot be used: {exception.Message} Restore them from a backup, or move signing.key away to begin with a new one.", exception);
        }
    }

    /// <summary>Whether the key with this id was here when heads were signed with it.</summary>
    public bool Knows(string keyId) => _trusted.ContainsKey(keyId);

    /// <summary>What proves that the portal wrote a row.</summary>
    public string Seal(string hash) => $"{Id}.{Mac(hash)}";

    /// <summary>Whether a seal is right; null when another key made it, so that it cannot be told.</summary>
    public bool? Sealed(string hash, string seal)
    {
        var dot = seal.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !seal.AsSpan(0, dot).SequenceEqual(Id))
        {
            return dot > 0 && Knows(seal[..dot]) ? null : false;
        }

        return seal.AsSpan(dot + 1).SequenceEqual(Mac(hash));
    }

    public AuditHead Sign(string kind, long sequence, string hash, DateTime at)
    {
        var head = new AuditHead { Kind = kind, Sequence = sequence, Hash = hash, At = at, KeyId = Id, Signature = "" };
        head.Signature = Convert.ToBase64String(_private.SignData(TextOf(head), HashAlgorithmName.SHA256));
        return head;
    }

    /// <summary>Whether one of the known keys signed exactly this.</summary>
    public bool IsSigned(AuditHead head)
    {
        var signature = new byte[128];
        return _trusted.TryGetValue(head.KeyId, out var key)
            && Convert.TryFromBase64String(head.Signature, signature, out var length)
            && key.VerifyData(TextOf(head), signature.AsSpan(0, length), HashAlgorithmName.SHA256);
    }

    public void Dispose()
    {
        _private.Dispose();
        foreach (var key in _trusted.Values)
        {
            key.Dispose();
        }
    }

    private string Mac(string hash) => Convert.ToBase64String(HMACSHA256.HashData(_sealing, Encoding.ASCII.GetBytes(hash)));

    /// <summary>What is signed; docs/audit.md tells it to whoever checks heads elsewhere.</summary>
    private static byte[] TextOf(AuditHead head) =>
        Encoding.UTF8.GetBytes($"genkit-portal audit {head.Kind}\n{head.Sequence}\n{head.Hash}\n{TimeText.Write(head.At)}\n{head.KeyId}\n");

    private static ECDsa OpenPrivate(string path)
    {
        if (File.Exists(path))
        {
            return Read(path);
        }

        var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DataDirectory.WritePrivate(path, Encoding.ASCII.GetBytes(fresh.ExportPkcs8PrivateKeyPem()));
        return fresh;
    }

    private static ECDsa Read(string path)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return key;
    }

    private static string IdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
}
