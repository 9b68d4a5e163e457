using System.Text.RegularExpressions;
using Portal.Runner.Contract;

namespace Portal.Features.Prompts;

/// <summary>Names of prompts: names of Kubernetes objects that can also be the last segment of a flow's address.</summary>
public static partial class PromptName
{
    public const int MaximumLength = 63;

    /// <summary>What is wrong with a name, for its author; null when it is fine.</summary>
    public static string? Check(string name) => name switch
    {
        "" => "Give the prompt a name.",
        { Length: > MaximumLength } => $"A name has at most {MaximumLength} characters; this one has {name.Length}.",
        _ when RuntimeLayout.ReservedRoutes.Contains(name) => $"“{name}” is an address the runner answers itself. Choose another name.",
        _ when !Pattern().IsMatch(name) => "Use lower-case letters, digits and '-', beginning and ending with a letter or digit: support-reply.",
        _ => null,
    };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Pattern();
}
