using Portal.Operator.Reconciliation;

namespace Portal.Operator.Admission;

/// <summary>
/// Judges writes of every kind of <c>genkit.dev</c> before they are stored: for the webhook, for the embedded server and for the portal's forms alike.
/// Deletes, other kinds, and updates that leave the spec as it is are always allowed, so that nothing is stuck that was stored before a rule.
/// What is on its way out has to please the gates alone.
/// </summary>
public sealed class AdmissionChain
{
    /// <summary>What every reader of objects can read.</summary>
    private const int MaxDepth = 100;

    private readonly Dictionary<string, IKindAdmission> _kinds;
    private readonly Func<IGenkitObjects?> _objects;
    private readonly IReadOnlyList<IAdmissionGate> _gates;

    /// <param name="options">How writes are judged.</param>
    /// <param name="objects">What there is in the cluster; null while that is not known, which leaves out what depends on it.</param>
    /// <param name="kinds">The rules.</param>
    /// <param name="gates">Who else must agree to what is stored.</param>
    internal AdmissionChain(AdmissionOptions options, Func<IGenkitObjects?> objects, IEnumerable<IKindAdmission> kinds, params IReadOnlyList<IAdmissionGate> gates)
    {
        Options = options;
        _objects = objects;
        _gates = gates;
        _kinds = kinds.ToDictionary(kind => kind.Kind, StringComparer.Ordinal);
    }

    /// <summary>Without rules: allows all.</summary>
    public static AdmissionChain Empty { get; } = new(new AdmissionOptions(), static () => null, []);

    public AdmissionOptions Options { get; }

    internal bool Knows(string kind) => _kinds.ContainsKey(kind);

    /// <summary>Never throws for what an object says, and never waits.</summary>
    public AdmissionVerdict Review(AdmissionRequest request)
    {
        if (request is not { Operation: not AdmissionOperation.Delete, Object: { } target } || KeepsSpec(request)
            || !_kinds.TryGetValue(target["kind"]?.ToString() ?? "", out var kind))
        {
            return AdmissionVerdict.Allowed;
        }

        if (IsOnItsWayOut(target))
        {
            // No rule may hold it up; but until it is gone it is served, and a finalizer can keep it for ever.
            return VerdictOf(AskGates(request, target), []);
        }

        if (IsDeeper(target["spec"], MaxDepth))
        {
            return new AdmissionVerdict { Errors = [AdmissionFinding.Error("spec", $"is nested deeper than {MaxDepth} levels", "flatten it")] };
        }

        var (completed, nulls) = WithoutNulls(target, kind);
        (completed, var defaults) = Complete(completed, kind);
        var findings = nulls.Count > 0 ? nulls : Check(completed, kind);
        return VerdictOf([.. findings, .. AskGates(request, completed)], defaults);
    }

    private IEnumerable<AdmissionFinding> AskGates(AdmissionRequest request, JsonObject target) => request.IsStored ? _gates.SelectMany(gate => gate.Check(target)) : [];

    private AdmissionVerdict VerdictOf(IEnumerable<AdmissionFinding> findings, Dictionary<string, JsonNode> defaults)
    {
        var all = findings.ToLookup(IsRefused);
        return new AdmissionVerdict { Errors = [.. all[true]], Warnings = [.. all[false]], Defaults = defaults };
    }

    private bool IsRefused(AdmissionFinding finding) => finding.Weight == FindingWeight.Error || (Options.Strict && finding.Weight == FindingWeight.Broken);

    private List<AdmissionFinding> Check(JsonObject target, IKindAdmission kind)
    {
        var findings = new List<AdmissionFinding>();
        try
        {
            findings.AddRange(kind.Check(target, new AdmissionScope(Options, _objects())));
        }
        catch (JsonException exception)
        {
            // The schema says this better, where there is one: then no such object gets here.
            var path = exception.Path is { Length: > 1 } inner ? $"spec{inner[1..]}" : "spec";
            findings.Add(new(FindingWeight.Error, path, "does not have the type the schema says", "see kubectl explain"));
        }

        return findings;
    }

    private static (JsonObject Target, List<AdmissionFinding> Findings) WithoutNulls(JsonObject target, IKindAdmission kind)
    {
        if (!NullValues.Any(target["spec"]))
        {
            return (target, []);
        }

        var copy = (JsonObject)target.DeepClone();
        var items = NullValues.Remove(copy["spec"], kind.Schema, "spec");
        return (copy, [.. items.Select(path => AdmissionFinding.Error(path, "is null", "remove it, or give it a value"))]);
    }

    private (JsonObject Completed, Dictionary<string, JsonNode> Defaults) Complete(JsonObject target, IKindAdmission kind)
    {
        // Without a spec there is nothing to complete, and the schema says so.
        var missing = target["spec"] is JsonObject spec
            ? kind.Defaults(Options).Where(item => string.IsNullOrEmpty(spec[item.Key]?.ToString())).ToDictionary()
            : [];
        if (missing.Count == 0)
        {
            return (target, missing);
        }

        var completed = (JsonObject)target.DeepClone();
        foreach (var (name, value) in missing)
        {
            completed["spec"]![name] = value.DeepClone();
        }

        return (completed, missing);
    }

    private static bool IsDeeper(JsonNode? node, int levels) => node switch
    {
        JsonObject map => levels == 0 || map.Any(member => IsDeeper(member.Value, levels - 1)),
        JsonArray list => levels == 0 || list.Any(item => IsDeeper(item, levels - 1)),
        _ => false,
    };

    private static bool IsOnItsWayOut(JsonObject target) => (target["metadata"] as JsonObject)?["deletionTimestamp"] is not null;

    private static bool KeepsSpec(AdmissionRequest request) =>
        request.OldObject is { } old && JsonNode.DeepEquals(old["spec"], request.Object!["spec"]);
}
