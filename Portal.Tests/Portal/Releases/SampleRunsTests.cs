using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Playground;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Usage;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Releases;

/// <summary>Sample answers of two texts, by the real engine and the built-in model.</summary>
[Collection(PortalCollection.Name)]
public sealed class SampleRunsTests(PortalFixture fixture)
{
    private const string Before = "---\nmodel: demo/echo-stream\ninput:\n  schema:\n    name: string\n  default:\n    name: Nobody\n---\nBefore {{name}}";
    private const string After = "---\nmodel: demo/echo-stream\ninput:\n  schema:\n    name: string\n  default:\n    name: Nobody\n---\nAfter {{name}}";

    private SampleRuns Samples => fixture.Portal.Services.GetRequiredService<SampleRuns>();

    [Fact]
    public async Task Compare_OnRecentInputs_AnswersBothAndKnowsTheCost()
    {
        var name = "samples-recent";
        Assert.Equal("""{"name":"Nobody"}""", Assert.Single(await Samples.InputsAsync(TestUsers.Of(LocalPersona.Approver), "demo", name, After, default)).ToJsonString());
        foreach (var who in (string[])["Ada", "Ben", "Ada", "Cleo", "Dora"])
        {
            await RunAsync(name, who);
        }

        var inputs = await Samples.InputsAsync(TestUsers.Of(LocalPersona.Approver), "demo", name, After, default);
        var pairs = await Samples.CompareAsync(TestUsers.Of(LocalPersona.Approver), "demo", name, Before, After, inputs, default);

        Assert.Equal(["Dora", "Cleo", "Ada"], pairs.Select(pair => (string?)pair.Input["name"]));
        Assert.All(pairs, pair =>
        {
            Assert.Equal((RunState.Completed, RunState.Completed), (pair.Before!.State, pair.After.State));
            Assert.Contains($"Before {pair.Input["name"]}", pair.Before.Output, StringComparison.Ordinal);
            Assert.Contains($"After {pair.Input["name"]}", pair.After.Output, StringComparison.Ordinal);
            Assert.NotNull(pair.After.Cost);
        });
    }

    [Fact]
    public async Task Compare_EachRun_IsCountedAndPriced()
    {
        var name = $"samples-{Guid.NewGuid():N}";
        await Samples.CompareAsync(TestUsers.Of(LocalPersona.Approver), "demo", name, Before, After, [new JsonObject { ["name"] = "Ada" }], default);

        var rows = await fixture.Portal.Services.GetRequiredService<PortalDatabase>().ReadAsync(context => Task.FromResult(context.Usage.Where(row => row.Prompt == name).ToList()));
        Assert.Equal([("demo", UsageLog.FromPlayground, "echo-stream"), ("demo", UsageLog.FromPlayground, "echo-stream")], rows.Select(row => (row.Namespace!, row.Source, row.Model)));
        Assert.All(rows, row => Assert.NotNull(row.CostNanos));
    }

    [Fact]
    public async Task Compare_BySomebodyWhoMayNotRun_IsRefused() => await Assert.ThrowsAsync<AccessDeniedException>(
        () => Samples.CompareAsync(new CurrentUser(new AccessPolicy([])), "demo", "any", null, After, [[]], default));

    [Fact]
    public async Task Inputs_OfRunsThatOneMayNotRead_AreNotGiven()
    {
        var name = "samples-private";
        await RunAsync(name, "Somebody else");
        var program = UserWith("program", Permission.Run);
        await RunAsync(name, "Its own", program);

        Assert.Equal(["Its own"], await NamesAsync(program));
        Assert.Equal(["Nobody"], await NamesAsync(UserWith("another", Permission.Run)));
        Assert.Equal(["Its own", "Somebody else"], await NamesAsync(UserWith("reader", Permission.Run, Permission.ReadRuns)));
        await Assert.ThrowsAsync<AccessDeniedException>(() => NamesAsync(UserWith("nobody", Permission.ReadRuns)));

        async Task<IEnumerable<string?>> NamesAsync(CurrentUser user) => (await Samples.InputsAsync(user, "demo", name, After, default)).Select(input => (string?)input["name"]);
    }

    private static CurrentUser UserWith(string name, params IEnumerable<Permission> permissions)
    {
        var user = new CurrentUser(new AccessPolicy([]));
        user.Become(
            PortalClaims.PrincipalOf(new Actor($"token:{name}", name, ActorKind.Token), "test",
                [.. permissions.Select(permission => new Claim(PortalClaims.Permission, permission.ToString())), new Claim(PortalClaims.Namespace, "demo")]), null);
        return user;
    }

    private async Task RunAsync(string prompt, string name, CurrentUser? user = null)
    {
        var runs = fixture.Portal.Services.GetRequiredService<RunStore>();
        await runs.Start(user ?? TestUsers.Administrator(), new RunRequest { Namespace = "demo", Prompt = prompt, Content = After, Input = new JsonObject { ["name"] = name }, Stream = false }).Ended;
    }
}
