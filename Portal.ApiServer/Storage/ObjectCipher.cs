using System.Security.Cryptography;
using System.Text;

namespace Portal.ApiServer.Storage;

/// <summary>
/// Encrypts Secrets before they reach the disk (AES-256-GCM, a fresh nonce each time, bound to the object's key).
/// Other resources are stored as plain JSON. The key lies beside the database, readable by its owner only: it protects copies of the
/// database file, not a stolen home directory.
/// </summary>
internal sealed class ObjectCipher : IDisposable
{
    private const byte Marker = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const string SecretResource = "/secrets";

    private readonly AesGcm _aes;

    private ObjectCipher(byte[] key) => _aes = new AesGcm(key, TagLength);

    /// <summary>The cipher for a database file (its key file is made on first use), or for a database in memory.</summary>
    public static ObjectCipher Open(string? databasePath)
    {
        if (databasePath is null)
        {
            return new ObjectCipher(RandomNumberGenerator.GetBytes(32));
        }

        var path = databasePath + ".key";
        if (!File.Exists(path))
        {
            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(32));
        }

        var key = File.ReadAllBytes(path);
        return key.Length == 32
            ? new ObjectCipher(key)
            : throw new InvalidDataException($"The key file {path} must hold 32 bytes; restore it from a backup made with the database.");
    }

    public byte[] Protect(ObjectKey key, byte[] utf8)
    {
        if (key.Resource != SecretResource)
        {
            return utf8;
        }

        var sealedBytes = new byte[1 + NonceLength + TagLength + utf8.Length];
        sealedBytes[0] = Marker;
        var nonce = sealedBytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        _aes.Encrypt(nonce, utf8, sealedBytes.AsSpan(1 + NonceLength + TagLength), sealedBytes.AsSpan(1 + NonceLength, TagLength), Bound(key));
        return sealedBytes;
    }

    public byte[] Unprotect(ObjectKey key, byte[] stored)
    {
        if (stored.Length == 0 || stored[0] != Marker)
        {
            return stored;
        }

        var utf8 = new byte[stored.Length - 1 - NonceLength - TagLength];
        try
        {
            _aes.Decrypt(
                stored.AsSpan(1, NonceLength), stored.AsSpan(1 + NonceLength + TagLength), stored.AsSpan(1 + NonceLength, TagLength), utf8, Bound(key));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new InvalidDataException("A Secret cannot be decrypted: the key file does not belong to this database.");
        }

        return utf8;
    }

    public void Dispose() => _aes.Dispose();

    private static byte[] Bound(ObjectKey key) => Encoding.UTF8.GetBytes(key.Resource + "/" + key.Path);
}
