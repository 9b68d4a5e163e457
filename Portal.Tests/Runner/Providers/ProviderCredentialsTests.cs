using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

public class ProviderCredentialsTests
{
    [Fact]
    public void Of_EveryProviderOfTheCatalog_IsKnown()
    {
        using var client = ProviderCatalog.CreateHttpClient();

        Assert.All(ProviderCatalog.Create(client, TimeProvider.System).Names, name => Assert.NotNull(ProviderCredentials.Of(name)));
    }

    [Fact]
    public void Of_AnyCase_IsTheSame() => Assert.Equal(["OPENAI_API_KEY"], ProviderCredentials.Of("OpenAI")?.Keys);

    [Fact]
    public void Of_TypeOfAnotherRunner_IsUnknown() => Assert.Null(ProviderCredentials.Of("acme"));
}
