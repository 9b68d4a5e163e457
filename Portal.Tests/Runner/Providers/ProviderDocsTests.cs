using Portal.Runner.Providers;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Providers;

/// <summary>What must not be forgotten when a provider is added.</summary>
public class ProviderDocsTests
{
    private static readonly HttpClient s_client = ProviderCatalog.CreateHttpClient();
    private static readonly ProviderCatalog s_catalog = ProviderCatalog.Create(s_client, TimeProvider.System);

    public static TheoryData<string> Names { get; } = [.. s_catalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Docs_EveryProvider_HaveItsRowWithKeysAndAddress(string name)
    {
        Assert.True(s_catalog.TryGet(name, out var provider));

        var row = Assert.Single(File.ReadLines(Repository.Path("docs", "runner.md")), line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));

        IEnumerable<string?> words = [.. provider.DefaultCredentialKeys, provider.BaseUrlVariable, .. provider.UsualSettings.Select(static setting => setting.Name)];
        Assert.All(words.OfType<string>(), word => Assert.Contains(word, row, StringComparison.Ordinal));
    }

    [Fact]
    public void Mock_EveryProviderOfAVendor_IsRunAgainstIt() =>
        Assert.Equal(s_catalog.Names.Where(static name => name != "demo"), AimockProvider.All.Select(static provider => provider.Name).Order(StringComparer.Ordinal));
}
