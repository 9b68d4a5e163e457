namespace Portal.Operator.Manifests;

/// <summary>Marks a kind for which a CustomResourceDefinition is generated.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute(string singular, string shortName) : Attribute
{
    public string Singular { get; } = singular;
    public string ShortName { get; } = shortName;
}

/// <summary>A column of <c>kubectl get</c>, in the order of the attributes.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrintColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    internal const string ReadyPath = """.status.conditions[?(@.type=="Ready")].status""";
    internal const string AgePath = ".metadata.creationTimestamp";

    public string Name { get; } = name;
    public string Type { get; } = type;
    public string JsonPath { get; } = jsonPath;
}

/// <summary>The kind has the scale subresource: <c>kubectl scale</c> and autoscalers work on it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleSubresourceAttribute : Attribute
{
    internal const string SpecReplicasPath = ".spec.replicas";
    internal const string StatusReplicasPath = ".status.replicas";
    internal const string SelectorPath = ".status.selector";
}

/// <summary>The list is a map keyed by this field of its items: entries merge one by one and must be unique.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapKeyAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}

/// <summary>Server-side apply owns the object as a whole.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AtomicMapAttribute : Attribute;

/// <summary>A rule in the Common Expression Language that the API server checks on every write.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    public string Rule { get; } = rule;
    public string Message { get; } = message;
}
