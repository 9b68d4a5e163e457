using System.Security.Cryptography.X509Certificates;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>What a connection shows the server. Prints nothing of it.</summary>
internal sealed class Credentials
{
    public static Credentials None { get; } = new();

    public X509Certificate2? Certificate { get; init; }
    public ITokenSource? Token { get; init; }
    public (string Name, string Password)? Basic { get; init; }

    /// <summary>Whom to act as, when that is another than the one who signs in.</summary>
    public Impersonation? Impersonation { get; init; }

    public bool IsEmpty => Certificate is null && Token is null && Basic is null;
}
