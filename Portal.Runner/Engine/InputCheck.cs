namespace Portal.Runner.Engine;

/// <summary>Refuses input that does not match a prompt's schema.</summary>
internal static class InputCheck
{
    /// <exception cref="GenkitException">InvalidArgument; the message and <c>details.errors</c> name each field.</exception>
    public static void Require(JsonObject schema, JsonObject defaults, JsonObject input)
    {
        var effective = (JsonObject)defaults.DeepClone();
        foreach (var (name, value) in input)
        {
            effective[name] = value?.DeepClone();
        }

        var errors = SchemaCheck.Validate(schema, effective);
        if (errors.Count > 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, $"The input does not match the prompt's schema: {SchemaCheck.Describe(errors)}.")
            {
                Details = SchemaCheck.ToDetails(errors),
            };
        }
    }
}
