namespace Portal.Auth.Options;

/// <summary><c>Portal:Auth</c>: who signs in how, and who may do what. Without providers the portal is in local mode.</summary>
public sealed record AuthOptions
{
    public const string Section = "Portal:Auth";

    public IReadOnlyList<OidcProviderOptions> Providers { get; init; } = [];
    public IReadOnlyList<RoleBinding> Roles { get; init; } = [];

    /// <summary>A sign-in ends when nothing was done for this long.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(8);

    /// <summary>A sign-in ends after this long in any case.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How old what is known of a person, groups above all, may become before the provider is asked again; null until they sign in again. Takes a refresh token:
    /// where the provider gives none, the sign-in ends.
    /// </summary>
    public TimeSpan? ClaimsMaxAge { get; init; }

    /// <summary>Whether what a person writes reaches the cluster in their name, so that its RBAC and audit see them.</summary>
    public bool ImpersonateUsers { get; init; }

    /// <summary>PEM files of a certificate and its key that protect the keys of cookies at rest; null leaves that to file modes.</summary>
    public string? KeyCertificateFile { get; init; }
    public string? KeyCertificateKeyFile { get; init; }

    public bool HasSignIn => Providers.Count > 0;
}

/// <summary>One provider that signs people in by OpenID Connect: <c>Portal:Auth:Oidc:&lt;name&gt;</c>.</summary>
public sealed record OidcProviderOptions
{
    /// <summary>Part of addresses and of <see cref="Actor.Id"/>; must not change.</summary>
    public required string Name { get; init; }

    /// <summary>On the sign-in page.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The issuer, as it calls itself.</summary>
    public required Uri Authority { get; init; }
    public required string ClientId { get; init; }

    /// <summary>Null for a public client, which PKCE alone protects.</summary>
    public string? ClientSecret { get; init; }
    public string Scopes { get; init; } = "openid profile email";

    /// <summary>Claims that hold groups or roles; a dot goes into an object: <c>realm_access.roles</c>.</summary>
    public IReadOnlyList<string> GroupsClaims { get; init; } = ["groups"];

    /// <summary>The claim that role bindings by user compare.</summary>
    public string UserClaim { get; init; } = "email";

    /// <summary>Whether every e-mail address it gives was checked, although it does not say so of each (<c>email_verified</c>).</summary>
    public bool VerifiesEmails { get; init; }
    public string NameClaim { get; init; } = "name";

    public string Scheme => SchemeOf(Name);
    public string CallbackPath => $"/auth/callback/{Name}";

    public static string SchemeOf(string name) => "oidc:" + name;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Name} ({Authority})";
}
