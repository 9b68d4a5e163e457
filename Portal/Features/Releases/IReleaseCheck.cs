using Portal.Dotprompt.Diagnostics;

namespace Portal.Features.Releases;

/// <summary>What a kind's own slice knows about its content; one for each kind that has something to say.</summary>
public interface IReleaseCheck
{
    string Kind { get; }

    /// <summary>All that is found in this content, warnings too, in its order.</summary>
    IReadOnlyList<Diagnostic> Find(string @namespace, string name, string content);

    /// <summary>What forbids publishing this content; null when nothing does.</summary>
    ContentProblem? Check(string @namespace, string name, string content);
}

/// <param name="Details">Where in the content.</param>
public sealed record ContentProblem(string Message, IReadOnlyList<Diagnostic> Details);

/// <summary>Wants to know what was published.</summary>
public interface IReleaseListener
{
    /// <summary>Called after the record is on disk; not at all when the portal ended in between.</summary>
    Task PublishedAsync(Data.Publication publication);
}
