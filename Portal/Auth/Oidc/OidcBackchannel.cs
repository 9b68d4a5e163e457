using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Portal.Auth.Options;

namespace Portal.Auth.Oidc;

/// <summary>What the portal asks the provider itself: tokens for a code, and claims for a token.</summary>
internal sealed class OidcBackchannel(OidcProviderOptions provider, ProviderMetadata metadata, HttpClient http)
{
    /// <summary>Redeems a code (RFC 6749 4.1.3, RFC 7636 4.5).</summary>
    /// <exception cref="ProviderUnavailableException">The provider does not answer.</exception>
    /// <exception cref="TokenRefusedException">The provider refuses the code, or answers without an ID token.</exception>
    public async Task<OidcTokens> RedeemAsync(string code, string verifier, string redirectUri, CancellationToken cancellationToken)
    {
        var (status, answer) = await AskAsync(
            new()
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = redirectUri,
                ["code_verifier"] = verifier,
            },
            cancellationToken);
        if (!IsSuccess(status))
        {
            throw new TokenRefusedException($"The provider refused the code ({ReasonOf(status, answer)}).");
        }

        return Text(answer, "id_token") is { } idToken
            ? new OidcTokens(idToken, Text(answer, "access_token"), Text(answer, "refresh_token"))
            : throw new TokenRefusedException("The provider's answer has no ID token.");
    }

    /// <summary>Gets new tokens for a refresh token (RFC 6749 6). There may be no ID token among them (OpenID Connect Core 12.2), and the same refresh token may hold on.</summary>
    /// <exception cref="ProviderUnavailableException">The provider does not answer, or with anything but tokens: too many requests, a client it does not know now, a proxy's page.</exception>
    /// <exception cref="TokenRefusedException">The provider refuses this token (<c>invalid_grant</c>, RFC 6749 5.2): the person is gone, or signed out there.</exception>
    public async Task<(string? IdToken, string? AccessToken, string RefreshToken)> RenewAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var (status, answer) = await AskAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, cancellationToken);
        if (Text(answer, "error") == "invalid_grant")
        {
            throw new TokenRefusedException("The provider refused to renew (invalid_grant).");
        }

        var (idToken, accessToken) = (Text(answer, "id_token"), Text(answer, "access_token"));
        return IsSuccess(status) && (idToken ?? accessToken) is not null
            ? (idToken, accessToken, Text(answer, "refresh_token") ?? refreshToken)
            : throw new ProviderUnavailableException($"The sign-in provider at {provider.Authority} does not renew now ({ReasonOf(status, answer)}).");
    }

    /// <summary>Adds claims of the userinfo endpoint (OpenID Connect Core 5.3) to those of the ID token, when the ID token lacks some that count.</summary>
    /// <exception cref="ProviderUnavailableException">The endpoint does not say who it speaks of.</exception>
    /// <exception cref="TokenRefusedException">It speaks of somebody else.</exception>
    public async Task AddUserInfoAsync(JsonObject claims, string subject, string? accessToken, CancellationToken cancellationToken)
    {
        var configuration = await metadata.GetAsync(cancellationToken);
        if (accessToken is null || string.IsNullOrEmpty(configuration.UserInfoEndpoint) || ProviderClaims.IsComplete(provider, claims))
        {
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, configuration.UserInfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Accept.ParseAdd("application/json");
        var (status, answer) = await SendAsync(request, cancellationToken);
        if (!IsSuccess(status) || Text(answer, "sub") is not { } who)
        {
            throw new ProviderUnavailableException($"The userinfo of the sign-in provider at {provider.Authority} speaks of nobody ({ReasonOf(status, answer)}).");
        }

        if (who != subject)
        {
            throw new TokenRefusedException("The provider's userinfo speaks of somebody else (sub).");
        }

        foreach (var (name, value) in answer.Where(claim => !claims.ContainsKey(claim.Key)))
        {
            claims[name] = value?.DeepClone();
        }
    }

    private async Task<(HttpStatusCode Status, JsonObject Answer)> AskAsync(Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        var configuration = await metadata.GetAsync(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        Authenticate(request, form, configuration.TokenEndpointAuthMethodsSupported);
        request.Content = new FormUrlEncodedContent(form);
        return await SendAsync(request, cancellationToken);
    }

    // RFC 6749 2.3.1: the header is what every provider must take; the body is for those that name only it.
    private void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, ICollection<string> methods)
    {
        if (provider.ClientSecret is not { } secret)
        {
            form["client_id"] = provider.ClientId;
        }
        else if (methods.Contains("client_secret_post") && !methods.Contains("client_secret_basic"))
        {
            (form["client_id"], form["client_secret"]) = (provider.ClientId, secret);
        }
        else
        {
            var pair = $"{Encode(provider.ClientId)}:{Encode(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
    }

    /// <summary>The answer is empty where it is no JSON object.</summary>
    private async Task<(HttpStatusCode Status, JsonObject Answer)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode >= 500)
            {
                throw new ProviderUnavailableException($"The sign-in provider at {provider.Authority} answered {(int)response.StatusCode}.");
            }

            return (response.StatusCode, Read(await response.Content.ReadAsStringAsync(cancellationToken)));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProviderUnavailableException($"The sign-in provider at {provider.Authority} cannot be reached.", exception);
        }
    }

    private static JsonObject Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;

    private static string ReasonOf(HttpStatusCode status, JsonObject answer) => Text(answer, "error") is { } error ? $"{(int)status} {error}" : $"{(int)status}";

    private static string Encode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    private static string? Text(JsonObject answer, string name) =>
        answer[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}

/// <summary>What a code was redeemed for.</summary>
internal sealed record OidcTokens(string IdToken, string? AccessToken, string? RefreshToken);
