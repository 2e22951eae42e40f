namespace FedKim.Learning;

/// <summary>A task at a site, and the site's data of it.</summary>
/// <param name="Input">The task, and what its samples are read as.</param>
/// <param name="Data">The samples; null where the site has none.</param>
/// <param name="Print">The samples' fingerprint under the site's key; empty where there is none.</param>
internal sealed record SiteTask(TaskInput Input, TaskData? Data, byte[] Print)
{
    internal TaskPlan Task => Input.Task;
}
