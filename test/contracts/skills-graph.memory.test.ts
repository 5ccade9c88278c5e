import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { skillsGraphContract } from './skills-graph.ts'

skillsGraphContract('memory', async () => memorySkillsGraph(), 200)
