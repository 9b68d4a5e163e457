using System.Security.Cryptography.X509Certificates;
using Portal.Operator.Admission.Webhooks;

namespace Portal.Tests.Operator.Admission;

public class WebhookCertificatesTests
{
    private static readonly string[] s_names = ["hook.shop.svc", "hook.shop.svc.cluster.local"];
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Renew_Nothing_MakesACertificateThatItsBundleTrusts()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);

        Assert.True(IsTrusted(made.Certificate, made.Bundle, s_start));
        using var shown = WebhookCertificates.Load(made.Certificate, made.Key);
        Assert.True(shown.HasPrivateKey);
        Assert.All(s_names, name => Assert.True(shown.MatchesHostname(name)));
        Assert.False(shown.MatchesHostname("other.shop.svc"));
    }

    [Fact]
    public void Renew_NothingDue_IsTheSame()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);

        Assert.Same(made, WebhookCertificates.Renew(made, s_names, s_start.AddDays(59)));
    }

    [Fact]
    public void Renew_AMonthBeforeTheEnd_RenewsTheCertificateAndKeepsTheAuthority()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);

        var renewed = WebhookCertificates.Renew(made, s_names, s_start.AddDays(61));

        Assert.NotEqual(made.Certificate, renewed.Certificate);
        Assert.Equal(made.Bundle, renewed.Bundle);
    }

    /// <summary>What one replica shows is trusted by what another has published, before and after every step of twelve years.</summary>
    [Fact]
    public void Renew_OverTwelveYears_NeverLeavesAShownCertificateUntrusted()
    {
        var current = WebhookCertificates.Renew(null, s_names, s_start);
        var authorities = new HashSet<string> { current.AuthorityKey };
        var most = 0;
        for (var day = 0; day < 12 * 365; day += 15)
        {
            var now = s_start.AddDays(day);
            var next = WebhookCertificates.Renew(current, s_names, now);

            Assert.True(IsTrusted(next.Certificate, next.Bundle, now), $"day {day}: the new certificate");
            Assert.True(IsTrusted(current.Certificate, next.Bundle, now), $"day {day}: the old certificate, the new bundle");
            Assert.True(IsTrusted(next.Certificate, current.Bundle, now), $"day {day}: the new certificate, the old bundle");
            authorities.Add(next.AuthorityKey);
            most = Math.Max(most, next.Bundle.Split("BEGIN CERTIFICATE").Length - 1);
            current = next;
        }

        Assert.Equal(3, authorities.Count);
        Assert.Equal(2, most);
    }

    [Fact]
    public void Renew_AfterALongSleep_StartsAgain()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);
        var now = s_start.AddYears(7);

        var renewed = WebhookCertificates.Renew(made, s_names, now);

        Assert.True(IsTrusted(renewed.Certificate, renewed.Bundle, now));
        Assert.NotEqual(made.AuthorityKey, renewed.AuthorityKey);
    }

    [Fact]
    public void Renew_OtherNames_RenewsTheCertificate()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);

        var renewed = WebhookCertificates.Renew(made, ["other.shop.svc"], s_start);

        using var shown = WebhookCertificates.Load(renewed.Certificate, renewed.Key);
        Assert.True(shown.MatchesHostname("other.shop.svc"));
        Assert.Equal(made.Bundle, renewed.Bundle);
    }

    [Theory]
    [InlineData("", "x", "x", "x")]
    [InlineData("x", "", "", "")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "x", "x", "x")]
    public void Renew_SomethingElse_MakesAllNew(string bundle, string authorityKey, string certificate, string key)
    {
        var renewed = WebhookCertificates.Renew(new(bundle, authorityKey, certificate, key), s_names, s_start);

        Assert.True(IsTrusted(renewed.Certificate, renewed.Bundle, s_start));
    }

    [Fact]
    public void Renew_CertificateOfAnotherAuthority_RenewsIt()
    {
        var (one, other) = (WebhookCertificates.Renew(null, s_names, s_start), WebhookCertificates.Renew(null, s_names, s_start));

        var renewed = WebhookCertificates.Renew(one with { Certificate = other.Certificate, Key = other.Key }, s_names, s_start);

        Assert.True(IsTrusted(renewed.Certificate, one.Bundle, s_start));
    }

    [Fact]
    public void Renew_ClockBehindTheOneThatMadeIt_IsStillTrusted()
    {
        var made = WebhookCertificates.Renew(null, s_names, s_start);

        Assert.True(IsTrusted(made.Certificate, made.Bundle, s_start.AddMinutes(-50)));
    }

    [Fact]
    public void ToString_Always_HoldsNoKey() =>
        Assert.DoesNotContain("KEY", WebhookCertificates.Renew(null, s_names, s_start).ToString(), StringComparison.Ordinal);

    private static bool IsTrusted(string certificate, string bundle, DateTimeOffset now)
    {
        using var shown = X509Certificate2.CreateFromPem(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(shown);
    }
}
