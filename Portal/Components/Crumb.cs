namespace Portal.Components;

/// <summary>A step of the breadcrumb above a page's title.</summary>
public sealed record Crumb(string Text, string Href);
