namespace FedKim.Data;

/// <summary>What dealing and inspecting need to know of a task.</summary>
/// <param name="Name">Its name in the federation.</param>
/// <param name="Source">Where its samples lie.</param>
/// <param name="ZeroShot">Whether it is only measured, never trained.</param>
public sealed record DataTask(string Name, TaskSource Source, bool ZeroShot);
