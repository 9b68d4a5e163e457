using Portal.Dotprompt.Documents;
using Portal.Runner.Engine;

namespace Portal.Features.Playground;

/// <summary>Runs a tiny prompt on the built-in model once, so that nobody's first answer waits for code to be compiled.</summary>
internal static class RunWarmUp
{
    private const string Prompt = """
        ---
        model: demo/echo-stream
        config:
          delayMs: 0
        input:
          schema:
            name: string
        ---
        {{role "system"}}Be brief.{{role "user"}}Hello {{name}}
        """;

    public static async Task RunAsync(FlowEngine engine, CancellationToken cancellationToken)
    {
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse(Prompt),
            Input = new JsonObject { ["name"] = "you" },
            Credentials = new NoCredentials(),
        };
        await foreach (var _ in engine.StreamAsync(call, cancellationToken))
        {
        }
    }
}
