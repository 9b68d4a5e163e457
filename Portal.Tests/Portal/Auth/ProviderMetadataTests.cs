using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth.Oidc;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Auth;

public sealed class ProviderMetadataTests : IDisposable
{
    private static readonly Uri s_authority = new("https://login.example.com/realms/corp");
    private readonly ManualTimeProvider _clock = new();
    private readonly Documents _documents = new();
    private readonly HttpClient _http;
    private readonly ProviderMetadata _metadata;

    public ProviderMetadataTests()
    {
        _http = new HttpClient(_documents);
        _metadata = new ProviderMetadata(s_authority, _http, _clock, NullLogger.Instance);
    }

    public void Dispose()
    {
        _metadata.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Get_WithinTheHour_AsksOnce()
    {
        var first = await _metadata.GetAsync(default);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Same(first, await _metadata.GetAsync(default));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotSame(first, await _metadata.GetAsync(default));
    }

    [Fact]
    public async Task GetNewer_KeyRolledOver_HasTheNewKeyAtOnceButRestsAfterwards()
    {
        var known = await _metadata.GetAsync(default);
        _documents.KeyId = "two";

        var newer = await _metadata.GetNewerAsync(known, default);
        Assert.Equal("two", Assert.Single(newer.SigningKeys).KeyId);

        // Forged tokens name keys nobody has: the provider is asked twice a minute and no more.
        _documents.KeyId = "three";
        Assert.Same(newer, await _metadata.GetNewerAsync(newer, default));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("three", Assert.Single((await _metadata.GetNewerAsync(newer, default)).SigningKeys).KeyId);
    }

    [Fact]
    public async Task GetNewer_SomebodyElseFetchedIt_AsksNobody()
    {
        var known = await _metadata.GetAsync(default);
        _documents.KeyId = "two";
        var newer = await _metadata.GetNewerAsync(known, default);

        Assert.Same(newer, await _metadata.GetNewerAsync(known, default));
    }

    [Fact]
    public async Task Get_ProviderAway_KeepsTheLastAnswerAndTriesAgainLater()
    {
        _documents.IsDown = true;
        await Assert.ThrowsAsync<ProviderUnavailableException>(() => _metadata.GetAsync(default));
        _documents.IsDown = false;
        var known = await _metadata.GetAsync(default);

        _documents.IsDown = true;
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Same(known, await _metadata.GetAsync(default));

        _documents.IsDown = false;
        Assert.Same(known, await _metadata.GetAsync(default));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.NotSame(known, await _metadata.GetAsync(default));
    }

    [Theory]
    [InlineData("https://evil.example", "one")]
    [InlineData("https://login.example.com/realms/other", "one")]
    [InlineData("https://login.example.com/realms/corp", null)]
    public async Task Get_SpeaksForAnotherOrLacksKeys_IsUnavailable(string issuer, string? key)
    {
        (_documents.Issuer, _documents.KeyId) = (issuer, key);

        await Assert.ThrowsAsync<ProviderUnavailableException>(() => _metadata.GetAsync(default));
    }

    private sealed class Documents : HttpMessageHandler
    {
        public string Issuer { get; set; } = s_authority.AbsoluteUri;
        public string? KeyId { get; set; } = "one";
        public bool IsDown { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                throw new HttpRequestException("Connection refused");
            }

            object document = request.RequestUri!.AbsolutePath.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal)
                ? new { issuer = Issuer, authorization_endpoint = s_authority + "/a", token_endpoint = s_authority + "/t", jwks_uri = s_authority + "/k" }
                : new { keys = KeyId is null ? [] : new[] { new { kty = "RSA", use = "sig", kid = KeyId, n = "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u-qKhbwKfBstIs-bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW_VDL5AaWTg0nLVkjRo9z-40RQzuVaE8AkAFmxZzow3x-VJYKdjykkJ0iT9wCS0DRTXu269V264Vf_3jvredZiKRkgwlL9xNAwxXFg0x_XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC-9aGVd-Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmw", e = "AQAB" } } };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(document) });
        }
    }
}
