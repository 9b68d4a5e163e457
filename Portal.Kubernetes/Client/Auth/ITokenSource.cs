using System.Security.Cryptography.X509Certificates;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>A credential as it is now; either part may be missing.</summary>
internal readonly record struct Credential(string? Token, X509Certificate2? Certificate);

/// <summary>Gives the credential for a request; caches as fits its kind.</summary>
internal interface ITokenSource
{
    ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>The server refused this one. When it has been replaced meanwhile, the newer one stays.</summary>
    void Invalidate(Credential refused);
}

/// <summary>A token that never changes.</summary>
internal sealed class StaticTokenSource(string token) : ITokenSource
{
    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => new(new Credential(token, null));

    public void Invalidate(Credential refused)
    {
        // There is no other one.
    }
}
