using Portal.Dotprompt.Documents;
using Portal.Features.Playground;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Operator;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Portal.Playground;

public class ModelResolverTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string Plugin = "kind: PluginConfig\nmetadata: { name: keyed }\nspec: { type: keyed, region: north, credentialsRef: { name: key }, extraConfig: { baseURL: http://x/ } }";
    private const string Secret = "kind: Secret\nmetadata: { name: key }\nstringData: { KEYED_API_KEY: hush }";
    private const string ModelObject = "kind: Model\nmetadata: { name: fast }\nspec: { provider: keyed, model: m1, pluginConfigRef: { name: keyed }, defaultConfig: { temperature: 0.5 } }";

    private static readonly FakeProvider s_placed = new(static (_, _) => throw new InvalidOperationException("not called")) { Name = "placed", NeedsBaseUrl = true };

    [Fact]
    public async Task Resolve_EverythingThere_GivesConfigAndCredentials()
    {
        var (resolver, name) = await NewAsync(Plugin, Secret, ModelObject);

        var resolved = resolver.Resolve(name, new PromptMetadata { Model = "keyed/m1" }, null);

        Assert.Equal(("keyed", "m1", "0.5"),
            (resolved.Runtime.DefaultModel!.Provider, resolved.Runtime.DefaultModel.Model,
                resolved.Runtime.DefaultModel.Config!["temperature"]!.ToString()));
        Assert.Equal(("keyed", "north", "http://x/"),
            (resolved.Runtime.Plugin!.Type, resolved.Runtime.Plugin.Region, resolved.Runtime.Plugin.ExtraConfig!["baseURL"]!.ToString()));
        Assert.Equal(("hush", null, "Secret key"),
            (resolved.Credentials.Find("KEYED_API_KEY"), resolved.Credentials.Find("OTHER"), resolved.Credentials.Place));
    }

    [Fact]
    public async Task Resolve_ModelWithoutObject_UsesThePluginOfItsProvider()
    {
        var (resolver, name) = await NewAsync(Plugin, Secret);

        Assert.Equal("keyed", resolver.Resolve(name, new PromptMetadata { Model = "keyed/anything" }, null).Runtime.Plugin!.Type);
    }

    [Fact]
    public async Task Resolve_ProviderWithoutKey_NeedsNoPlugin()
    {
        var (resolver, name) = await NewAsync();

        Assert.Null(resolver.Resolve(name, new PromptMetadata { Model = "free/m" }, null).Runtime.Plugin);
    }

    [Fact]
    public async Task Resolve_PromptWithoutModel_TakesThePickedOneOrTheOnlyOne()
    {
        var (resolver, name) = await NewAsync(Plugin, Secret, ModelObject);

        Assert.Equal("m1", resolver.Resolve(name, new PromptMetadata(), "fast").Runtime.DefaultModel!.Model);
        Assert.Equal("m1", resolver.Resolve(name, new PromptMetadata(), null).Runtime.DefaultModel!.Model);
    }

    [Fact]
    public async Task Resolve_MissingPieces_AreNamedWithTheNextStep()
    {
        var (resolver, name) = await NewAsync();
        Assert.Equal((GenkitStatus.NotFound, $"No PluginConfig of type \"keyed\" in namespace \"{name}\"."),
            Refusal(resolver, name, "keyed/m1"));
        Assert.Equal((GenkitStatus.InvalidArgument, "Unknown provider \"nobody\"."), Refusal(resolver, name, "nobody/m1"));
        Assert.Equal((GenkitStatus.InvalidArgument, "model: \"keyed\" is not a full model name."), Refusal(resolver, name, "keyed"));
        Assert.Equal((GenkitStatus.InvalidArgument, "The prompt names no model."), Refusal(resolver, name, null));

        var (keyless, second) = await NewAsync(Plugin);
        Assert.Equal((GenkitStatus.NotFound, "Secret \"key\" not found; PluginConfig \"keyed\" refers to it."),
            Refusal(keyless, second, "keyed/m1"));
        var next = Assert.Throws<RunRefusedException>(() => keyless.Resolve(second, new PromptMetadata { Model = "keyed/m1" }, null)).Next;
        Assert.Equal($"Create Secret key in namespace {second} with the key KEYED_API_KEY.", next);
    }

    [Fact]
    public async Task Resolve_ProviderWithoutKeyButWithoutAddressToo_AsksForThePlugin()
    {
        var (resolver, name) = await NewAsync();

        var refused = Assert.Throws<RunRefusedException>(() => resolver.Resolve(name, new PromptMetadata { Model = "placed/m" }, null));

        Assert.Equal((GenkitStatus.NotFound, $"No PluginConfig of type \"placed\" in namespace \"{name}\"."), (refused.Status, refused.Message));
        Assert.Contains("spec.extraConfig.baseURL", refused.Next, StringComparison.Ordinal);
    }

    private static (GenkitStatus Status, string Message) Refusal(ModelResolver resolver, string name, string? model)
    {
        var refused = Assert.Throws<RunRefusedException>(() => resolver.Resolve(name, new PromptMetadata { Model = model }, null));
        return (refused.Status, refused.Message);
    }

    private async Task<(ModelResolver Resolver, string Namespace)> NewAsync(params string[] manifests)
    {
        var catalog = new ProviderCatalog([FakeProvider.Saying("x", ["KEYED_API_KEY"]).Named("keyed"), FakeProvider.Saying("x").Named("free"), s_placed]);
        var place = await fixture.NewNamespaceAsync();
        foreach (var manifest in manifests)
        {
            await place.ApplyAsync(manifest);
        }

        await fixture.UntilSeenAsync(place, manifests);
        return (new ModelResolver(fixture.Informers, catalog), place.Name);
    }
}
