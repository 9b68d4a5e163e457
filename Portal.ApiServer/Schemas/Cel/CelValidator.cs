using System.Collections.Frozen;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>
/// The <c>x-kubernetes-validations</c> of a schema, compiled: a tree of those parts of the schema that have rules. Immutable and shared.
/// An evaluation is bounded: a rule, and all rules on one object together, stop with an error when they cost too much.
/// </summary>
internal sealed class CelValidator
{
    private readonly CelType _type;
    private readonly StructuralSchema _schema;
    private readonly CelRule[] _rules;
    private readonly FrozenDictionary<string, CelValidator> _properties;
    private readonly CelValidator? _values;
    private readonly CelValidator? _items;

    private CelValidator(
        CelType type, StructuralSchema schema, CelRule[] rules, Dictionary<string, CelValidator> properties, CelValidator? values, CelValidator? items)
    {
        (_type, _schema, _rules, _values, _items) = (type, schema, rules, values, items);
        _properties = properties.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Compiles the rules of a whole object's schema; null when it has none.</summary>
    /// <param name="path">Path of the schema, for <paramref name="problems"/>, which receives every rule that cannot be used.</param>
    public static CelValidator? Compile(StructuralSchema schema, string path, ICollection<FieldError> problems) =>
        Compile(schema, path, root: true, correlatable: true, problems);

    /// <summary>What is wrong with <paramref name="target"/>. It must be valid against the schema.</summary>
    /// <param name="old">The state before, or null for a new object. Of what did not change only transition rules are evaluated.</param>
    public IReadOnlyList<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var errors = new List<FieldError>();
        var budget = new CelBudget(CelBudget.PerObject);
        try
        {
            Validate(target, old, "", budget, errors);
        }
        catch (CelBudgetException)
        {
            errors.Add(new FieldError(
                "FieldValueInvalid",
                "<nil>",
                "Invalid value: validation failed due to running out of cost budget, no further validation rules will be run"));
        }

        return errors;
    }

    private static CelValidator? Compile(StructuralSchema schema, string path, bool root, bool correlatable, ICollection<FieldError> problems)
    {
        var properties = new Dictionary<string, CelValidator>(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Properties)
        {
            if (Compile(property, $"{path}.properties[{name}]", false, correlatable && !schema.AtomicMap, problems) is { } validator)
            {
                properties[name] = validator;
            }
        }

        var values = schema.AdditionalProperties is { } additional
            ? Compile(additional, path + ".additionalProperties", false, correlatable && !schema.AtomicMap, problems)
            : null;
        var items = schema.Items is { } item ? Compile(item, path + ".items", false, correlatable && schema.ListType == "map", problems) : null;
        var type = CelType.Of(schema, root);
        var rules = Rules(schema, type, path, correlatable, problems);
        return rules.Length == 0 && properties.Count == 0 && values is null && items is null
            ? null
            : new CelValidator(type ?? CelType.Dyn, schema, rules, properties, values, items);
    }

    private static CelRule[] Rules(StructuralSchema schema, CelType? type, string path, bool correlatable, ICollection<FieldError> problems)
    {
        if (schema.Source["x-kubernetes-validations"] is not JsonArray sources)
        {
            return [];
        }

        var rules = new List<CelRule>();
        for (var index = 0; index < sources.Count; index++)
        {
            var rulePath = $"{path}.x-kubernetes-validations[{index}]";
            if (sources[index] is not JsonObject source || type is null)
            {
                problems.Add(FieldError.Invalid(rulePath, null, type is null ? "rules need a schema with a type" : "must be an object"));
            }
            else if (CelRule.Read(source, schema, type, rulePath, correlatable, problems) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return [.. rules];
    }

    private void Validate(JsonNode? node, JsonNode? old, string path, CelBudget budget, List<FieldError> errors)
    {
        if (node is null)
        {
            return;
        }

        var unchanged = old is not null && JsonNode.DeepEquals(node, old);
        foreach (var rule in _rules)
        {
            if ((!unchanged || rule.IsTransition) && rule.Check(node, old, _type, path, budget) is { } error)
            {
                errors.Add(error);
            }
        }

        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    if (_properties.TryGetValue(name, out var property))
                    {
                        property.Validate(value, (old as JsonObject)?[name], path.Length == 0 ? name : $"{path}.{name}", budget, errors);
                    }
                    else if (_schema.Properties.Count == 0)
                    {
                        _values?.Validate(value, (old as JsonObject)?[name], $"{path}[{name}]", budget, errors);
                    }
                }

                break;
            case JsonArray list when _items is not null && (!unchanged || _schema.ListType == "map"):
                var before = _schema.ListType == "map" && old is JsonArray olds ? ListKeys.Index(olds, _schema) : null;
                for (var index = 0; index < list.Count; index++)
                {
                    var item = list[index];
                    _items.Validate(item, ListKeys.Of(item, _schema) is { } key ? before?.GetValueOrDefault(key) : null, $"{path}[{index}]", budget, errors);
                }

                break;
        }
    }
}
