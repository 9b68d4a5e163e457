namespace Portal.ApiServer.Tables;

/// <summary>A column of a <c>meta.k8s.io/v1 Table</c>. Priority 0 is always shown, higher with <c>-o wide</c>.</summary>
internal sealed record TableColumn(string Name, string Type, string Format = "", string Description = "", int Priority = 0);
