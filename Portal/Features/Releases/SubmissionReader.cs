using System.Text.RegularExpressions;
using Portal.Auth;
using Portal.Dotprompt.Diagnostics;
using Portal.Features.Ownership;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Admission;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases;

/// <summary>A submission that was found to make sense, with what is in the cluster now.</summary>
public sealed record ReadSubmission
{
    public Refusal? Refusal { get; init; }
    public IReadOnlyList<Diagnostic> Problems { get; init; } = [];
    public ReleaseEnvironment Environment { get; init; } = null!;
    public IReadOnlyList<string> Targets { get; init; } = [];
    public IReadOnlyList<ReleaseObject> Objects { get; init; } = [];
    public string Message { get; init; } = "";

    /// <summary>By kind, namespace and name; null for what is not there.</summary>
    public IReadOnlyDictionary<(string Kind, string Namespace, string Name), string?> LiveHashes { get; init; } = new Dictionary<(string, string, string), string?>();

    /// <summary>The revisions that objects in the cluster say they are.</summary>
    public IReadOnlyDictionary<(string Kind, string Namespace, string Name), int?> LiveRevisions { get; init; } = new Dictionary<(string, string, string), int?>();

    public ReleaseResult ToResult() => new() { Refusal = Refusal, Problems = Problems };
}

/// <summary>Judges a submission before anything is written: names, contents, targets, permissions, and whether its author saw what is there.</summary>
public sealed partial class SubmissionReader(
    EnvironmentDirectory environments, KubeClient client, InformerFactory informers, IEnumerable<IReleaseCheck> checks, AdmissionChain admission, TimeProvider clock)
{
    public const int MostObjects = 50;
    public const int LongestMessage = 2000;

    private readonly Dictionary<string, IReleaseCheck> _checks = checks.ToDictionary(check => check.Kind, StringComparer.Ordinal);

    /// <exception cref="AccessDeniedException">The user may not submit to one of the targets, or not see it.</exception>
    public async Task<ReadSubmission> ReadAsync(ReleaseSubmission submission, CurrentUser user, CancellationToken cancellationToken)
    {
        var environment = submission.Environment is { } name ? environments.Find(name)
            : submission.Namespace is { Length: > 0 } @namespace ? environments.Of(@namespace) : null;
        if (environment is null)
        {
            return Invalid(submission.Environment is null ? "Say where to publish: an environment or a namespace." : $"There is no environment \"{submission.Environment}\".");
        }

        IReadOnlyList<string> targets = submission.Namespace is { Length: > 0 } one ? [one] : environments.TargetsOf(environment);
        if (targets.Count == 0)
        {
            return Invalid($"The environment \"{environment.Name}\" has no namespace now.");
        }

        if (submission.Environment is not null && !targets.All(target => environments.TargetsOf(environment).Contains(target)))
        {
            return Invalid($"The namespace \"{submission.Namespace}\" does not belong to the environment \"{environment.Name}\".");
        }

        foreach (var target in targets)
        {
            if (!MayAsk(user, target, submission.Objects))
            {
                user.Demand(Permission.SubmitRelease, target);
            }

            // The answer shows the request, and what is there now.
            user.Demand(Permission.ReadNamespace, target);
        }

        var problem = CheckShape(submission, targets, out var objects);
        return problem ?? await LookAsync(submission, environment, targets, objects, cancellationToken);
    }

    /// <summary>Whether somebody may ask for this: who changes flows asks where they must not simply change them.</summary>
    public static bool MayAsk(CurrentUser user, string target, IReadOnlyList<ReleaseObject> objects) =>
        user.May(Permission.SubmitRelease, target) || (objects.All(item => item.Kind != Prompt.Definition.Kind) && user.May(Permission.ManageFlows, target));

    /// <summary>Whether somebody may do this where the policy asks for nobody else.</summary>
    public static bool MayPublish(CurrentUser user, string target, IReadOnlyList<ReleaseObject> objects) => objects.All(item =>
        item.Kind != Prompt.Definition.Kind ? user.May(Permission.PublishDirectly, target) || user.May(Permission.ManageFlows, target)
        : user.May(Permission.PublishDirectly, target) && (!item.Deletes || user.May(Permission.DeletePrompt, target)));

    private ReadSubmission? CheckShape(ReleaseSubmission submission, IReadOnlyList<string> targets, out List<ReleaseObject> objects)
    {
        // What is referred to comes first, and goes last.
        objects =
        [
            .. submission.Objects.OrderBy(item => item.Deletes).ThenBy(item => item.Deletes ? -ReleaseKinds.Order(item.Kind) : ReleaseKinds.Order(item.Kind))
                .ThenBy(item => item.Name, StringComparer.Ordinal),
        ];
        if (objects.Count is 0 or > MostObjects)
        {
            return Invalid(objects.Count == 0 ? "There is nothing to publish." : $"A release has at most {MostObjects} objects; this one has {objects.Count}.");
        }

        if (submission.Message.Length > LongestMessage)
        {
            return Invalid($"message: at most {LongestMessage} characters; this one has {submission.Message.Length}.");
        }

        if (submission.PublishAt <= clock.GetUtcNow())
        {
            return Invalid("publishAt: that time is over. Leave it out to publish as soon as it is agreed.");
        }

        if (objects.Exists(item => item.RollbackOf is not null) && string.IsNullOrWhiteSpace(submission.Message))
        {
            return Invalid("message: say why it is rolled back.");
        }

        for (var index = 0; index < objects.Count; index++)
        {
            if (CheckObject(objects[index], targets, out var canonical) is { } problem)
            {
                return problem;
            }

            objects[index] = canonical;
        }

        var twice = objects.GroupBy(item => (item.Kind, item.Name)).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : Invalid($"{twice.Key.Kind} {twice.Key.Name} is there twice.");
    }

    private ReadSubmission? CheckObject(ReleaseObject item, IReadOnlyList<string> targets, out ReleaseObject canonical)
    {
        canonical = item;
        if (ReleaseKinds.Find(item.Kind) is null)
        {
            return Invalid($"{item.Kind} is not a kind that can be released. It can be {string.Join(", ", ReleaseKinds.All.Select(kind => kind.Kind))}.");
        }

        if (!item.Deletes && _checks.TryGetValue(item.Kind, out var check))
        {
            return targets.Select(target => check.Check(target, item.Name, item.Content)).FirstOrDefault(problem => problem is not null) is { } found
                ? Invalid(found.Message) with { Problems = found.Details }
                : null;
        }

        if (!Name().IsMatch(item.Name))
        {
            return Invalid($"{item.Kind} \"{item.Name}\": a name has lower-case letters, digits, '-' and '.', at most 253.");
        }

        if (item.Deletes)
        {
            canonical = item with { Content = "", RollbackOf = null };
            return null;
        }

        try
        {
            canonical = item with { Content = ReleaseKinds.Canonical(JsonNode.Parse(item.Content) as JsonObject ?? throw new JsonException("it is not an object.")) };
            return targets.Select(target => Admit(item, target)).FirstOrDefault(refused => refused is not null);
        }
        catch (JsonException exception)
        {
            return Invalid($"{item.Kind} {item.Name}: the content must be its spec as JSON: {exception.Message}");
        }
    }

    /// <summary>What the cluster would refuse is refused here, by the same rules; what it would warn of may come with the release.</summary>
    private ReadSubmission? Admit(ReleaseObject item, string target)
    {
        var desired = ReleaseKinds.Desired(item.Kind, target, item.Name, item.Content, null, []);
        var verdict = admission.Review(new AdmissionRequest(AdmissionOperation.Create, desired.Json));
        return verdict.IsAllowed ? null : Invalid($"{item.Kind} {item.Name}: {new AdmissionException(verdict).Message}");
    }

    private async Task<ReadSubmission> LookAsync(
        ReleaseSubmission submission, ReleaseEnvironment environment, IReadOnlyList<string> targets, List<ReleaseObject> objects, CancellationToken cancellationToken)
    {
        var (live, revisions) = (new Dictionary<(string, string, string), string?>(), new Dictionary<(string, string, string), int?>());
        foreach (var target in targets)
        {
            foreach (var item in objects)
            {
                var there = await LiveAsync(item.Kind, target, item.Name, cancellationToken);
                if (there is not null && ObjectOwner.Of(there).Refusal is { } refusal)
                {
                    return new ReadSubmission { Refusal = new Refusal(RefusalReason.Conflict, $"{item.Kind} {target}/{item.Name}: {refusal}") };
                }

                if (there is null && item.Deletes)
                {
                    return Invalid($"{item.Kind} {target}/{item.Name} is not there: there is nothing to delete.");
                }

                var content = there is null ? null : ReleaseKinds.ContentOf(there);
                revisions[(item.Kind, target, item.Name)] = there is null ? null : ReleaseAnnotations.RevisionOf(there);
                live[(item.Kind, target, item.Name)] = content is null ? null : ReleaseKinds.HashOf(content);
                if (item.SeenHash is { } seen && seen != (content is null ? "" : ReleaseKinds.HashOf(content)))
                {
                    return new ReadSubmission
                    {
                        Refusal = new Refusal(RefusalReason.Conflict, "The published object was changed meanwhile. Look at the difference again before you publish."),
                    };
                }
            }
        }

        var message = string.IsNullOrWhiteSpace(submission.Message) ? string.Join(", ", objects.Select(item => $"{(item.Deletes ? "Delete" : "Publish")} {item.Name}")) : submission.Message.Trim();
        return new ReadSubmission { Environment = environment, Targets = targets, Objects = objects, Message = message, LiveHashes = live, LiveRevisions = revisions };
    }

    private async Task<KubeObject?> LiveAsync(string kind, string @namespace, string name, CancellationToken cancellationToken)
    {
        var definition = ReleaseKinds.Find(kind)!;
        try
        {
            return await client.Resource(definition).FindAsync(@namespace, name, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or KubernetesException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError })
        {
            // What was last heard of it; the publish looks again.
            return ReleaseKinds.FindKnown(informers, kind, @namespace, name);
        }
    }

    private static ReadSubmission Invalid(string message) => new() { Refusal = new Refusal(RefusalReason.Invalid, message) };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z")]
    private static partial Regex Name();
}
