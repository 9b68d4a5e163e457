using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>, compiled for the schema it stands in.</summary>
internal sealed class CelRule
{
    private const int MaxMessage = 5 * 1024;

    private readonly CelProgram _rule;
    private readonly CelProgram? _messageExpression;
    private readonly string _message;
    private readonly string _reason;
    private readonly string _fieldPath;
    private readonly bool _optionalOld;

    private CelRule(CelProgram rule, CelProgram? messageExpression, string message, string reason, string fieldPath, bool optionalOld)
    {
        (_rule, _messageExpression, _message, _reason, _fieldPath, _optionalOld) = (rule, messageExpression, message, reason, fieldPath, optionalOld);
        IsTransition = rule.Uses("oldSelf");
    }

    /// <summary>Whether the rule compares with the state before: without one it is not evaluated, unless it takes an optional one.</summary>
    public bool IsTransition { get; }

    /// <summary>Reads a rule; what is wrong with it goes to <paramref name="problems"/>, and the result is then null.</summary>
    /// <param name="correlatable">Whether the value before can be told: not inside lists whose items have no keys.</param>
    public static CelRule? Read(JsonObject json, StructuralSchema schema, CelType type, string path, bool correlatable, ICollection<FieldError> problems)
    {
        var count = problems.Count;
        var optionalOld = json["optionalOldSelf"]?.GetValueKind() == JsonValueKind.True;
        var variables = new Dictionary<string, CelType> { ["self"] = type, ["oldSelf"] = optionalOld ? CelType.OptionalOf(type) : type };
        var rule = Compile(json, "rule", variables, CelType.Bool, path, problems);
        var expression = json["messageExpression"] is null ? null : Compile(json, "messageExpression", variables, CelType.Text, path, problems);
        var message = json["message"]?.ToString() ?? "";
        if (json["rule"] is null)
        {
            problems.Add(FieldError.Required($"{path}.rule", "rule is not specified"));
        }

        if (message.AsSpan().ContainsAny('\n', '\r') || (json.ContainsKey("message") && message.Trim().Length == 0))
        {
            problems.Add(FieldError.Invalid($"{path}.message", message, "message must be non-empty and must not contain line breaks"));
        }

        var reason = json["reason"]?.ToString() ?? "FieldValueInvalid";
        if (reason is not ("FieldValueInvalid" or "FieldValueForbidden" or "FieldValueRequired" or "FieldValueDuplicate"))
        {
            problems.Add(FieldError.NotSupported(
                $"{path}.reason", reason, ["\"FieldValueDuplicate\"", "\"FieldValueForbidden\"", "\"FieldValueInvalid\"", "\"FieldValueRequired\""]));
        }

        var fieldPath = json["fieldPath"]?.ToString() ?? "";
        if (fieldPath.Length > 0 && CelFieldPath.Resolve(fieldPath, schema) is null)
        {
            problems.Add(FieldError.Invalid($"{path}.fieldPath", fieldPath, "must be a JSONPath, relative to the location of the rule, of a field that the schema has"));
        }

        if (rule is not null && rule.Uses("oldSelf") && !correlatable)
        {
            problems.Add(FieldError.Invalid(
                $"{path}.rule", rule.Source, "oldSelf cannot be used on the uncorrelatable portion of the schema (items of a list that is not of type map)"));
        }

        return problems.Count > count ? null : new CelRule(rule!, expression, message, reason, CelFieldPath.Resolve(fieldPath, schema)!, optionalOld);
    }

    /// <summary>What is wrong with a value; null when the rule holds or does not apply.</summary>
    public FieldError? Check(JsonNode? node, JsonNode? old, CelType type, string path, CelBudget total)
    {
        if (IsTransition && old is null && !_optionalOld)
        {
            return null;
        }

        var budget = new CelBudget(Math.Min(CelBudget.PerRule, total.Left));
        var before = budget.Left;
        try
        {
            var oldSelf = old is null ? null : CelValue.From(old, type);
            (string, object?)[] variables =
            [
                ("self", CelValue.From(node, type)),
                ("oldSelf", !_optionalOld ? oldSelf : old is null ? CelOptional.None : new CelOptional(true, oldSelf)),
            ];
            return _rule.Evaluate(budget, variables) is true ? null : Failure(node, path, Message(budget, variables));
        }
        catch (CelEvaluationException problem)
        {
            return Failure(node, path, problem.Message == "no such overload"
                ? $"'{problem.Message}': call arguments did not match a supported operator, function or macro signature for rule: {_rule.Source}"
                : $"{problem.Message} evaluating rule: {_rule.Source}");
        }
        finally
        {
            total.Spend(Math.Max(0, before - Math.Max(0, budget.Left)));
        }
    }

    private static CelProgram? Compile(
        JsonObject json, string field, Dictionary<string, CelType> variables, CelType result, string path, ICollection<FieldError> problems)
    {
        var source = json[field]?.ToString() ?? "";
        if (source.Trim().Length == 0)
        {
            if (json[field] is not null)
            {
                problems.Add(FieldError.Required($"{path}.{field}", $"{field} must not be empty"));
            }

            return null;
        }

        try
        {
            return CelProgram.Compile(source, variables, result);
        }
        catch (CelCompileException problem)
        {
            problems.Add(FieldError.Invalid($"{path}.{field}", source, $"compilation failed: {problem.Message}"));
            return null;
        }
    }

    private string Message(CelBudget budget, (string, object?)[] variables)
    {
        try
        {
            if (_messageExpression?.Evaluate(budget, variables) is string text && text.Trim() is { Length: > 0 and <= MaxMessage } told
                && !told.AsSpan().ContainsAny('\n', '\r'))
            {
                return told;
            }
        }
        catch (Exception problem) when (problem is CelEvaluationException or CelBudgetException)
        {
            // The rule failed all the same: it is told in the words that need no evaluation.
        }

        return _message.Length > 0 ? _message : $"failed rule: {_rule.Source.Trim()}";
    }

    private FieldError Failure(JsonNode? node, string path, string message)
    {
        var field = path + _fieldPath;
        field = field.StartsWith('.') ? field[1..] : field;
        return _reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(field, message),
            "FieldValueRequired" => FieldError.Required(field, message),
            "FieldValueDuplicate" => new FieldError(_reason, field, $"Duplicate value: {message}"),
            _ when node is JsonValue => new FieldError(_reason, field, $"Invalid value: {node.ToJsonString(KubernetesJson.Options)}: {message}"),
            _ => new FieldError(_reason, field, $"Invalid value: {message}"),
        };
    }
}
