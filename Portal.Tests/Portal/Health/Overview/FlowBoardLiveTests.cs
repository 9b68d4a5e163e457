using Portal.Features.Flows;
using Portal.Features.Health.Overview;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Health.Overview;

public sealed class FlowBoardLiveTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string Flow = """
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: web}
        spec: {image: x, promptRefs: [{name: greet}]}
        """;

    private const string Prompt = """
        apiVersion: genkit.dev/v1alpha1
        kind: Prompt
        metadata: {name: greet}
        spec: {content: Hello}
        """;

    [Fact]
    public async Task List_APartComes_MakesTheLinesOfItsNamespaceAnewAndNoOthers()
    {
        var (mine, theirs) = (await fixture.NewNamespaceAsync(), await fixture.NewNamespaceAsync());
        await mine.ApplyAsync(Flow);
        await theirs.ApplyAsync(Flow);
        await fixture.UntilSeenAsync(mine, Flow);
        await fixture.UntilSeenAsync(theirs, Flow);
        var directory = new FlowDirectory(fixture.Informers);
        using var board = new FlowBoard(directory);
        var other = board.List(theirs.Name)[0];
        Assert.Contains("Prompt \"greet\"", board.List(mine.Name)[0].Sentence, StringComparison.Ordinal);

        await mine.ApplyAsync(Prompt);

        await directory.Prompts.UntilAsync(_ => !board.List(mine.Name)[0].Sentence.Contains("greet", StringComparison.Ordinal));
        Assert.Same(other, board.List(theirs.Name)[0]);
    }
}
