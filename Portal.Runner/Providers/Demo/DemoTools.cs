using Portal.Dotprompt;
using Portal.Dotprompt.Messages;

namespace Portal.Runner.Providers.Demo;

/// <summary>Which tools the demo model asks for: those whose names the last user message says, with the simplest input their schemas allow.</summary>
internal static class DemoTools
{
    public static IReadOnlyList<ToolRequestPart> RequestedBy(ModelRequest request)
    {
        if (request.ToolChoice == "none" || request.Messages is not [.., { Role: "user" } asked])
        {
            return [];
        }

        var named = request.Tools.Where(tool => asked.Text.Contains(tool.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        var chosen = named.Count == 0 && request.ToolChoice == "required" ? request.Tools.Take(1) : named;
        return [.. chosen.Select(static (tool, index) => new ToolRequestPart(tool.Name, $"demo-{index + 1}",
            tool.InputSchema is { } schema ? DemoAnswer.Sample(schema, "input", 0) : new JsonObject()))];
    }

    /// <summary>What the tools answered, when the model's turn follows theirs; else null.</summary>
    public static string? AnswersIn(ModelRequest request) => request.Messages is [.., { Role: "tool" } answers]
        ? string.Join(' ', answers.Content.OfType<ToolResponsePart>().Select(static answer => $"The tool {answer.Name} answered: {answer.Output?.ToJsonString(DotpromptJson.Options) ?? "nothing"}."))
        : null;
}
