using System.Text.Json.Serialization;

namespace Portal.Runner.Contract;

/// <summary>The one set of JSON options for contract files: camelCase, absent instead of null. Generated code keeps the runner's start-up short.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, MaxDepth = 128)]
[JsonSerializable(typeof(RuntimeConfig))]
[JsonSerializable(typeof(FlowManifest))]
public sealed partial class RuntimeJson : JsonSerializerContext;
