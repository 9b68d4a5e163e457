namespace Portal.ApiServer.Schemas;

/// <summary>Validates an object against a structural schema, with upstream's cause types and wording.</summary>
internal static class SchemaValidator
{
    /// <summary>
    /// Errors of <paramref name="target"/>; empty when it is valid. Values equal to those at the same place of <paramref name="old"/> are not
    /// reported again (ratcheting): an update that leaves an old mistake alone succeeds.
    /// </summary>
    public static IReadOnlyList<FieldError> Validate(JsonObject target, StructuralSchema schema, JsonObject? old = null)
    {
        List<FieldError>? errors = null;
        Node(target, schema, "", old, ref errors);
        return errors ?? (IReadOnlyList<FieldError>)[];
    }

    private static void Node(JsonNode? node, StructuralSchema schema, string path, JsonNode? old, ref List<FieldError>? errors)
    {
        if (old is not null && JsonNode.DeepEquals(node, old))
        {
            return;
        }

        if (node is null && schema.Nullable)
        {
            return;
        }

        if (!TypeFits(node, schema, path, ref errors))
        {
            return;
        }

        if (schema.Enum is { } allowed && !allowed.Any(value => JsonNode.DeepEquals(value, node)))
        {
            Add(ref errors, FieldError.NotSupported(path, node, allowed.Select(value => value?.ToJsonString() ?? "null")));
        }

        switch (node)
        {
            case JsonObject child:
                Object(child, schema, path, old as JsonObject, ref errors);
                break;
            case JsonArray list:
                Array(list, schema, path, old as JsonArray, ref errors);
                break;
            case JsonValue value:
                ScalarRules.Check(value, schema, path, ref errors);
                break;
        }

        Alternatives(node, schema, path, old, ref errors);
    }

    private static bool TypeFits(JsonNode? node, StructuralSchema schema, string path, ref List<FieldError>? errors)
    {
        var actual = JsonNumbers.TypeOf(node);
        if (schema.IntOrString)
        {
            if (actual is "integer" or "string")
            {
                return true;
            }

            Add(ref errors, FieldError.TypeInvalid(path, actual, $"{path} in body must be of type integer,string: \"{actual}\""));
            return false;
        }

        // Alternatives of oneOf and the like carry no type of their own.
        if (schema.Type is null || schema.Type == actual || (schema.Type == "number" && actual == "integer"))
        {
            return true;
        }

        if (schema.Type == "integer" && actual == "number" && schema.Format is "int32" or "int64")
        {
            Add(ref errors, FieldError.TypeInvalid(path, "float64", $"{path} in body must be of type {schema.Format}: \"float64\""));
            Add(ref errors, FieldError.Invalid("<nil>", "", $"Checked value must be of type integer with format {schema.Format} in {path}"));
            return false;
        }

        Add(ref errors, FieldError.TypeInvalid(path, actual, $"{path} in body must be of type {schema.Type}: \"{actual}\""));
        return false;
    }

    private static void Object(JsonObject target, StructuralSchema schema, string path, JsonObject? old, ref List<FieldError>? errors)
    {
        foreach (var name in schema.Required)
        {
            if (!target.ContainsKey(name))
            {
                Add(ref errors, FieldError.Required(Join(path, name)));
            }
        }

        if (schema.MaxProperties is { } most && target.Count > most)
        {
            Add(ref errors, FieldError.TooMany(path, target.Count, most));
        }

        if (schema.MinProperties is { } least && target.Count < least)
        {
            Add(ref errors, FieldError.Invalid(path, target.Count, $"{path} in body should have at least {least} properties"));
        }

        if (schema.EmbeddedResource)
        {
            Embedded(target, path, ref errors);
        }

        foreach (var (name, value) in target)
        {
            if (schema.Property(name) is { } child)
            {
                Node(value, child, Join(path, name), old?[name], ref errors);
            }
        }
    }

    private static void Embedded(JsonObject target, string path, ref List<FieldError>? errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (target[name] is not JsonValue value || !value.TryGetValue(out string? text) || text.Length == 0)
            {
                Add(ref errors, FieldError.Required(Join(path, name), "must not be empty"));
            }
        }
    }

    private static void Array(JsonArray list, StructuralSchema schema, string path, JsonArray? old, ref List<FieldError>? errors)
    {
        if (schema.MaxItems is { } most && list.Count > most)
        {
            Add(ref errors, FieldError.TooMany(path, list.Count, most));
        }

        if (schema.MinItems is { } least && list.Count < least)
        {
            Add(ref errors, FieldError.Invalid(path, list.Count, $"{path} in body should have at least {least} items"));
        }

        var seen = schema.ListType is "set" or "map" || schema.UniqueItems ? new HashSet<string>(StringComparer.Ordinal) : null;
        var olds = schema.ListType == "map" && old is not null ? ListKeys.Index(old, schema) : null;
        for (var i = 0; i < list.Count; i++)
        {
            var itemPath = $"{path}[{i}]";
            var key = seen is null ? null : ListKeys.Of(list[i], schema);
            if (key is not null && !seen!.Add(key))
            {
                Add(ref errors, FieldError.Duplicate(itemPath, JsonNode.Parse(key)));
            }

            if (schema.Items is { } items)
            {
                Node(list[i], items, itemPath, key is not null && olds is not null ? olds.GetValueOrDefault(key) : null, ref errors);
            }
        }
    }

    private static void Alternatives(JsonNode? node, StructuralSchema schema, string path, JsonNode? old, ref List<FieldError>? errors)
    {
        foreach (var part in schema.AllOf)
        {
            Node(node, part, path, old, ref errors);
        }

        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(part => Fits(node, part)))
        {
            Add(ref errors, FieldError.Invalid("<nil>", "", $"\"{path}\" must validate at least one schema (anyOf)"));
            Node(node, schema.AnyOf[0], path, null, ref errors);
        }

        if (schema.OneOf.Count > 0)
        {
            var fitting = schema.OneOf.Count(part => Fits(node, part));
            if (fitting != 1)
            {
                var found = fitting == 0 ? "Found none valid" : $"Found {fitting} valid alternatives";
                Add(ref errors, FieldError.Invalid("<nil>", "", $"\"{path}\" must validate one and only one schema (oneOf). {found}"));
            }

            if (fitting == 0)
            {
                Node(node, schema.OneOf[0], path, null, ref errors);
            }
        }

        if (schema.Not is { } not && Fits(node, not))
        {
            Add(ref errors, FieldError.Invalid("<nil>", "", $"\"{path}\" must not validate the schema (not)"));
        }
    }

    private static bool Fits(JsonNode? node, StructuralSchema schema)
    {
        List<FieldError>? errors = null;
        Node(node, schema, "", null, ref errors);
        return errors is null;
    }

    private static void Add(ref List<FieldError>? errors, FieldError error) => (errors ??= []).Add(error);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
