using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Operator.Admission;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Releases;

public sealed class ApprovedOnlyTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly AdmissionChain _chain;

    public ApprovedOnlyTests(IdleOperatorFixture fixture)
    {
        var locked = new ReleaseEnvironment { Name = "locked", Namespaces = ["locked"], Policy = new ReleasePolicy { OnlyApproved = true } };
        var gate = new ApprovedOnly(_test.Database, new EnvironmentDirectory(fixture.Informers, new ReleaseSettings(new ReleasePolicy(), [locked])));
        _chain = new AdmissionChain(new AdmissionOptions(), () => null, AdmissionRules.All, gate);
    }

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData("locked", "hello", "Approved", true)]
    [InlineData("locked", "hello", "Older", true)]
    [InlineData("locked", "hello", "Approved ", false)]
    [InlineData("locked", "hello", "Refused", false)]
    [InlineData("locked", "other", "Approved", false)]
    [InlineData("open", "hello", "Anything", true)]
    public async Task Review_PromptText_IsTakenWhenItWasApprovedForThatPrompt(string @namespace, string name, string content, bool isAllowed)
    {
        await PublishAsync("Prompt", "hello", "Older", PublicationState.Published);
        await PublishAsync("Prompt", "hello", "Approved", PublicationState.Pending);
        await PublishAsync("Prompt", "hello", "Refused", PublicationState.Refused);

        var verdict = Review(Prompt(@namespace, name, content));

        Assert.Equal(isAllowed, verdict.IsAllowed);
        Assert.True(isAllowed || verdict.Errors[0].ToString() == $"spec.content: is not a text that was approved for {@namespace}/{name}; publish it through the portal", string.Join("; ", verdict.Errors));
    }

    [Fact]
    public async Task Review_TextInsideOfAFlow_CountsToo()
    {
        await PublishAsync("Flow", "f", """{"image": "x", "prompts": [{"prompt": {"name": "a", "content": "Approved"}}]}""", PublicationState.Published);

        Assert.True(Review(Flow("Approved")).IsAllowed);
        Assert.Equal("spec.prompts[0].prompt.content", Assert.Single(Review(Flow("Smuggled")).Errors).Field);
    }

    [Fact]
    public void Review_DryRunAndLabelsOnly_AreNoBusinessOfTheGate()
    {
        var prompt = Prompt("locked", "hello", "New");

        Assert.True(_chain.Review(new AdmissionRequest(AdmissionOperation.Create, prompt)).IsAllowed);
        Assert.True(_chain.Review(new AdmissionRequest(AdmissionOperation.Update, prompt, (JsonObject)prompt.DeepClone()) { IsStored = true }).IsAllowed);
        Assert.True(_chain.Review(new AdmissionRequest(AdmissionOperation.Delete, null, prompt) { IsStored = true }).IsAllowed);
    }

    [Fact]
    public void Review_OnItsWayOut_IsServedStillAndHeldToTheSame()
    {
        var leaving = Prompt("locked", "hello", "Smuggled");
        leaving["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";
        leaving["metadata"]!["finalizers"] = new JsonArray("example.com/stays");

        var edited = new AdmissionRequest(AdmissionOperation.Update, leaving, Prompt("locked", "hello", "Approved")) { IsStored = true };

        Assert.Equal("spec.content", Assert.Single(_chain.Review(edited).Errors).Field);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Validate_ReviewOfAServer_KnowsADryRun(bool dryRun, bool isAllowed)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "1",
                ["operation"] = "CREATE",
                ["kind"] = new JsonObject { ["group"] = "genkit.dev", ["version"] = "v1alpha1", ["kind"] = "Prompt" },
                ["namespace"] = "locked",
                ["dryRun"] = dryRun,
                ["object"] = Prompt("locked", "hello", "New"),
            },
        };

        Assert.Equal(isAllowed, (bool)AdmissionReviews.Validate(review, _chain)["response"]!["allowed"]!);
    }

    private AdmissionVerdict Review(JsonObject target) => _chain.Review(new AdmissionRequest(AdmissionOperation.Create, target) { IsStored = true });

    private static JsonObject Prompt(string @namespace, string name, string content) => Object("Prompt", @namespace, name, new JsonObject { ["content"] = content });

    private static JsonObject Flow(string content) => Object("Flow", "locked", "f", new JsonObject
    {
        ["image"] = "x",
        ["prompts"] = new JsonArray(new JsonObject { ["prompt"] = new JsonObject { ["name"] = "a", ["content"] = content } }),
    });

    private static JsonObject Object(string kind, string @namespace, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = "genkit.dev/v1alpha1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
        ["spec"] = spec,
    };

    private Task PublishAsync(string kind, string name, string content, PublicationState state) => _test.Database.WriteAsync(
        context => context.Publications.AddAsync(new Publication
        {
            Id = Guid.NewGuid().ToString("N"),
            Kind = kind,
            Namespace = "locked",
            Name = name,
            Content = content,
            State = state,
            RequestedAt = DateTime.UnixEpoch,
        }).AsTask(),
        default);
}
