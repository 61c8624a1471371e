BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

Describe 'Get-VgpuEvent' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset -Confirm:$false
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
    }

    It 'shows who did what to which object, the oldest first' {
        $all = Get-VgpuEvent
        $all[0].Action | Should -Be 'enableMigMode'
        $all[0].Before, $all[0].After | Should -Be @('off', 'on')
        $all.Source | Select-Object -Unique | Should -Be @('Enable-MigMode', 'Enable-Sriov', 'New-MigInstance', 'Add-VmVgpu', 'hook')
        $all.VgpuHost | Select-Object -Unique | Should -Be 'lab'
        $all[0].Time.Kind | Should -Be 'Local'
    }

    It 'takes the latest and the earliest by number' {
        (Get-VgpuEvent -Last 1).Source | Should -Be 'hook'
        (Get-VgpuEvent -First 1).Source | Should -Be 'Enable-MigMode'
        (Get-VgpuEvent -Newest 2).Count | Should -Be 2
        (Get-TestError { Get-VgpuEvent -Last 0 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError*'
    }

    It 'filters by VM, source, action and time, and is silent where nothing matches' {
        Get-VgpuEvent -VmId 101 | ForEach-Object VmId | Select-Object -Unique | Should -Be 101
        (Get-VgpuEvent -Source *-Mig* -Action create*).Action | Should -Be @('createGpuInstance', 'createComputeInstance')
        Get-VgpuEvent -VmId 104 | Should -BeNullOrEmpty
        $third = (Get-VgpuEvent)[2].Time
        (Get-VgpuEvent -After $third)[0].Time | Should -Be $third
        Get-VgpuEvent -Before $third.AddDays(-1) | Should -BeNullOrEmpty
    }

    It 'takes VMs from the pipeline' {
        Get-VmVgpu 101 | Get-VgpuEvent -Last 1 | ForEach-Object VmId | Should -Be 101
    }

    It 'has a table of at most 120 columns' {
        $lines = Get-VgpuEvent | Format-Table | Out-String -Width 120 -Stream
        $lines[1] | Should -Match '^Time +Host +Source +VM +Action +Target +Change'
        $lines | ForEach-Object Length | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 120
        $lines -match 'off -> on' | Should -Not -BeNullOrEmpty
    }

    It 'says that a session is not there' {
        (Get-TestError { Get-VgpuEvent -Session nope }).FullyQualifiedErrorId | Should -Be 'SessionNotFound,VgpuPS.Commands.GetVgpuEventCommand'
    }
}
