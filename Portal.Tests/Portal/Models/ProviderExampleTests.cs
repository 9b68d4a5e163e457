using Portal.Features.Models;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Models;

public sealed class ProviderExampleTests
{
    private static readonly HttpClient s_client = ProviderCatalog.CreateHttpClient();
    private static readonly ProviderCatalog s_catalog = ProviderCatalog.Create(s_client, TimeProvider.System);

    public static TheoryData<string> Names { get; } = [.. s_catalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_EveryProvider_NamesItsKeyAndItsAddress(string name)
    {
        Assert.True(s_catalog.TryGet(name, out var provider));

        var manifests = TestManifests.Read(ProviderExample.Of(provider, "here")).ToList();

        Assert.Equal(["Secret", "PluginConfig"], manifests.Select(static manifest => (string?)manifest["kind"]));
        Assert.All(manifests, manifest => Assert.Equal(("here", name), ((string?)manifest["metadata"]!["namespace"], (string?)manifest["metadata"]!["name"])));
        var keys = (JsonObject)manifests[0]["stringData"]!;
        Assert.Equal(provider.UsualCredentialKeys, keys.Select(static pair => pair.Key));
        var spec = manifests[1]["spec"]!;
        Assert.Equal((name, name), ((string?)spec["type"], (string?)spec["credentialsRef"]!["name"]));

        Assert.Equal(provider.UsualSettings, (spec["extraConfig"] as JsonObject ?? []).Select(static pair => (pair.Key, pair.Value!.ToString())));

        var plugin = new RuntimePlugin { Type = name, ExtraConfig = spec["extraConfig"] as JsonObject };
        Assert.Equal(provider.NeedsBaseUrl, ModelChoice.FindBaseUrl(provider, plugin, new Keys(keys)) is not null);
        Assert.Equal(provider.DefaultCredentialKeys.Count == 0 ? null : "your key", ModelChoice.FindCredential(provider, new RuntimeConfig(), new Keys(keys)).Value);
    }

    private sealed class Keys(JsonObject values) : ICredentials
    {
        public string Place => "the example";

        public string? Find(string key) => (string?)values[key];
    }
}
