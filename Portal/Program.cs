using Portal;

return await PortalApplication.RunAsync(args);
